// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/hvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/layer_norm/rows.hpp"

namespace theria::layer_norm {

template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args) {
  using Number = Dual<Scalar>;
  const Backward<Number> back{.x = {args.in.x, args.dot.x},
                              .d_y = {args.d_y, args.d_y_dot},
                              .gain = {args.in.gain, args.dot.gain},
                              .mean = {args.rows.mean, args.rows_dot.mean},
                              .inverse = {args.rows.inverse, args.rows_dot.inverse},
                              .rows = args.d_y.extent[1],
                              .columns = args.d_y.extent[2]};
  const auto d_x = args.d_x, d_x_dot = args.d_dot.x;
  const auto d_gain_dot = args.d_dot.gain, d_bias_dot = args.d_dot.bias;
  const std::int64_t tasks = args.d_y.extent[0];
  using Threads = tile::RowThreads<Space>;
  if (d_x_dot)
    tile::for_each_row(
        "theria::layer_norm::hvp::x", space, tasks, back.rows,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t r) {
          back.x_of_row(Threads{}, n, r, [&](std::int64_t c, Number d) {
            if (d_x.data != nullptr) d_x(n, r, c) = d.value;
            d_x_dot(n, r, c) = d.tangent;
          });
        });
  if (d_gain_dot)
    tile::sum_columns<ColumnCotangents<Number>>(
        "theria::layer_norm::hvp::gain", space, tasks, back.rows, back.columns,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
          return back.column(n, r, c);
        },
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t c, const ColumnCotangents<Number>& sum) {
          d_gain_dot(n, c) = sum.gain.tangent;
          d_bias_dot(n, c) = sum.bias.tangent;
        });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void hvp(const SPACE&, const HvpArguments<float>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::layer_norm

// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/vjp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/layer_norm/rows.hpp"

namespace theria::layer_norm {

template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args) {
  const Backward<Scalar> back{.x = {args.in.x},
                              .d_y = {args.d_y},
                              .gain = {args.in.gain},
                              .mean = {args.rows.mean},
                              .inverse = {args.rows.inverse},
                              .rows = args.d_y.extent[1],
                              .columns = args.d_y.extent[2]};
  const auto d_x = args.d.x;
  const auto d_gain = args.d.gain, d_bias = args.d.bias;
  const std::int64_t tasks = args.d_y.extent[0];
  using Threads = tile::RowThreads<Space>;
  if (d_x)
    tile::for_each_row(
        "theria::layer_norm::vjp::x", space, tasks, back.rows,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t r) {
          back.x_of_row(Threads{}, n, r, [&](std::int64_t c, Scalar d) { d_x(n, r, c) = d; });
        });
  if (d_gain)
    tile::sum_columns<ColumnCotangents<Scalar>>(
        "theria::layer_norm::vjp::gain", space, tasks, back.rows, back.columns,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
          return back.column(n, r, c);
        },
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t c, const ColumnCotangents<Scalar>& sum) {
          d_gain(n, c) = sum.gain;
          d_bias(n, c) = sum.bias;
        });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void vjp(const SPACE&, const VjpArguments<float>&); \
  template void vjp(const SPACE&, const VjpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::layer_norm

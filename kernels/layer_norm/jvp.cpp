// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/layer_norm/rows.hpp"

namespace theria::layer_norm {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args) {
  const Field<Dual<Scalar>, 3> x{args.in.x, args.dot.x};
  const Field<Dual<Scalar>, 2> gain{args.in.gain, args.dot.gain}, bias{args.in.bias, args.dot.bias};
  const auto y = args.y, y_dot = args.y_dot;
  const auto rows = args.rows, rows_dot = args.rows_dot;
  const std::int64_t columns = y.extent[2];
  using Threads = tile::RowThreads<Space>;
  tile::for_each_row(
      "theria::layer_norm::jvp", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r) {
        const Row<Dual<Scalar>> row(Threads{}, x, n, r, columns);
        rows.mean(n, r) = row.mean.value;
        rows_dot.mean(n, r) = row.mean.tangent;
        rows.inverse(n, r) = row.inverse.value;
        rows_dot.inverse(n, r) = row.inverse.tangent;
        for (std::int64_t c = Threads::first(); c < columns; c += Threads::count) {
          const Dual<Scalar> out = gain(n, c) * row.normal(x(n, r, c)) + bias(n, c);
          y(n, r, c) = out.value;
          y_dot(n, r, c) = out.tangent;
        }
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void jvp(const SPACE&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::layer_norm

// SPDX-License-Identifier: Apache-2.0
#include "kernels/layer_norm/forward.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/layer_norm/rows.hpp"

namespace theria::layer_norm {

template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args) {
  const Field<Scalar, 3> x{args.in.x};
  const auto gain = args.in.gain, bias = args.in.bias;
  const auto y = args.y;
  const auto mean = args.rows.mean, inverse = args.rows.inverse;
  const std::int64_t columns = y.extent[2];
  using Threads = tile::RowThreads<Space>;
  tile::for_each_row(
      "theria::layer_norm::forward", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r) {
        const Row<Scalar> row(Threads{}, x, n, r, columns);
        mean(n, r) = row.mean;
        inverse(n, r) = row.inverse;
        for (std::int64_t c = Threads::first(); c < columns; c += Threads::count)
          y(n, r, c) = gain(n, c) * row.normal(x(n, r, c)) + bias(n, c);
      });
}

#define THERIA_INSTANTIATE(SPACE)                                      \
  template void forward(const SPACE&, const ForwardArguments<float>&); \
  template void forward(const SPACE&, const ForwardArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::layer_norm

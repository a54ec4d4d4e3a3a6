// SPDX-License-Identifier: Apache-2.0
#include "kernels/squared_error/vjp.hpp"

#include "kernels/core/for_each.hpp"
#include "kernels/core/spaces.hpp"

namespace theria::squared_error {

template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args) {
  const auto y = args.y, target = args.target;
  const auto d_y = args.d_y;
  const Scalar factor = Scalar(2) / Scalar(y.extent[1]);
  for_each_element(
      "theria::squared_error::vjp", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        d_y(n, r, c) = factor * (y(n, r, c) - target(n, r, c));
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void vjp(const SPACE&, const VjpArguments<float>&); \
  template void vjp(const SPACE&, const VjpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::squared_error

// SPDX-License-Identifier: Apache-2.0
#include "kernels/squared_error/hvp.hpp"

#include "kernels/core/for_each.hpp"
#include "kernels/core/spaces.hpp"

namespace theria::squared_error {

template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args) {
  const auto y = args.y, target = args.target, y_dot = args.y_dot;
  const auto d_y = args.d_y, d_y_dot = args.d_y_dot;
  const Scalar factor = Scalar(2) / Scalar(y.extent[1]);
  for_each_element(
      "theria::squared_error::hvp", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        d_y(n, r, c) = factor * (y(n, r, c) - target(n, r, c));
        d_y_dot(n, r, c) = factor * y_dot(n, r, c);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void hvp(const SPACE&, const HvpArguments<float>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::squared_error

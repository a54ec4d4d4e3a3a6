// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/hvp.hpp"

#include "kernels/core/for_each.hpp"
#include "kernels/core/spaces.hpp"
#include "kernels/gelu/number.hpp"

namespace theria::gelu {

template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args) {
  const auto x = args.x, d_y = args.d_y, x_dot = args.x_dot, d_y_dot = args.d_y_dot;
  const auto d_x = args.d_x, d_x_dot = args.d_x_dot;
  for_each_element(
      "theria::gelu::hvp", space, d_x,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        const Scalar at = x(n, r, c), gelu_1 = slope(at);
        d_x(n, r, c) = gelu_1 * d_y(n, r, c);
        d_x_dot(n, r, c) =
            gelu_1 * d_y_dot(n, r, c) + curvature(at) * x_dot(n, r, c) * d_y(n, r, c);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void hvp(const SPACE&, const HvpArguments<float>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::gelu

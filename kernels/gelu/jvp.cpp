// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/jvp.hpp"

#include "kernels/core/for_each.hpp"
#include "kernels/core/spaces.hpp"
#include "kernels/gelu/number.hpp"

namespace theria::gelu {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args) {
  const auto x = args.x, x_dot = args.x_dot;
  const auto y = args.y, y_dot = args.y_dot;
  for_each_element(
      "theria::gelu::jvp", space, y, KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        const Scalar at = x(n, r, c);
        y(n, r, c) = value(at);
        y_dot(n, r, c) = slope(at) * x_dot(n, r, c);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void jvp(const SPACE&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::gelu

// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/vjp.hpp"

#include "kernels/core/for_each.hpp"
#include "kernels/core/spaces.hpp"
#include "kernels/gelu/number.hpp"

namespace theria::gelu {

template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args) {
  const auto x = args.x, d_y = args.d_y;
  const auto d_x = args.d_x;
  for_each_element(
      "theria::gelu::vjp", space, d_x,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        d_x(n, r, c) = slope(x(n, r, c)) * d_y(n, r, c);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void vjp(const SPACE&, const VjpArguments<float>&); \
  template void vjp(const SPACE&, const VjpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::gelu

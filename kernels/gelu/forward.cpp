// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/forward.hpp"

#include "kernels/core/for_each.hpp"
#include "kernels/core/spaces.hpp"
#include "kernels/gelu/number.hpp"

namespace theria::gelu {

template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args) {
  const auto x = args.x;
  const auto y = args.y;
  for_each_element(
      "theria::gelu::forward", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        y(n, r, c) = value(x(n, r, c));
      });
}

#define THERIA_INSTANTIATE(SPACE)                                      \
  template void forward(const SPACE&, const ForwardArguments<float>&); \
  template void forward(const SPACE&, const ForwardArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::gelu

// SPDX-License-Identifier: Apache-2.0
#include "kernels/squared_error/jvp.hpp"

#include "kernels/core/spaces.hpp"

namespace theria::squared_error {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args) {
  const auto y = args.y, target = args.target, y_dot = args.y_dot;
  const auto loss_dot = args.loss_dot;
  Kokkos::parallel_for(
      "theria::squared_error::jvp", Kokkos::RangePolicy<Space>(space, 0, y.extent[0]),
      KOKKOS_LAMBDA(std::int64_t n) {
        Scalar total = 0;
        for (std::int64_t r = 0; r < y.extent[1]; ++r)
          for (std::int64_t c = 0; c < y.extent[2]; ++c)
            total += 2 * (y(n, r, c) - target(n, r, c)) * y_dot(n, r, c);
        loss_dot(n) = total / Scalar(y.extent[1]);
      });
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void jvp(const SPACE&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::squared_error

// SPDX-License-Identifier: Apache-2.0
#include "kernels/squared_error/forward.hpp"

#include "kernels/core/spaces.hpp"

namespace theria::squared_error {

template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args) {
  const auto y = args.y, target = args.target;
  const auto loss = args.loss;
  Kokkos::parallel_for(
      "theria::squared_error::forward", Kokkos::RangePolicy<Space>(space, 0, y.extent[0]),
      KOKKOS_LAMBDA(std::int64_t n) {
        Scalar total = 0;
        for (std::int64_t r = 0; r < y.extent[1]; ++r)
          for (std::int64_t c = 0; c < y.extent[2]; ++c) {
            const Scalar error = y(n, r, c) - target(n, r, c);
            total += error * error;
          }
        loss(n) = total / Scalar(y.extent[1]);
      });
}

#define THERIA_INSTANTIATE(SPACE)                                      \
  template void forward(const SPACE&, const ForwardArguments<float>&); \
  template void forward(const SPACE&, const ForwardArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::squared_error

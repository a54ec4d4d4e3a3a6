// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

/// e^x, relative error below 2^-21 in float for |x| up to 1, growing as |x|; e^-∞ = 0.
template <class Space, class Scalar>
KOKKOS_INLINE_FUNCTION Scalar exponential(Scalar x) {
  if constexpr (Machine<Space>::threads > 1 && sizeof(Scalar) == 4) {
    return cuda::exp2_fast(x * 1.44269504f);
  } else {
    return Kokkos::exp(x);
  }
}

}  // namespace theria::tile

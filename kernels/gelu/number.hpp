// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/dual.hpp"

namespace theria::gelu {

/// Φ(x) and φ(x) of the normal distribution; erfc keeps the digits of small Φ.
template <class Scalar>
KOKKOS_INLINE_FUNCTION Scalar distribution(Scalar x) {
  return Scalar(0.5) * Kokkos::erfc(Scalar(-0.70710678118654752440) * x);
}
template <class Scalar>
KOKKOS_INLINE_FUNCTION Scalar density(Scalar x) {
  return Scalar(0.39894228040143267794) * Kokkos::exp(Scalar(-0.5) * x * x);
}

template <class Scalar>
KOKKOS_INLINE_FUNCTION Scalar value(Scalar x) {
  return x * distribution(x);
}
/// Its first and second derivative.
template <class Scalar>
KOKKOS_INLINE_FUNCTION Scalar slope(Scalar x) {
  return distribution(x) + x * density(x);
}
template <class Scalar>
KOKKOS_INLINE_FUNCTION Scalar curvature(Scalar x) {
  return (2 - x * x) * density(x);
}

}  // namespace theria::gelu

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>

namespace theria::random {

/// sin(x) for |x| ≤ 100, to 2e-16, without libm and with every rounding written out: the same bits on host and device.
/// x less the nearest multiple of π, in two pieces of π; then Taylor's series, whose first missing term at π/2 is
/// (π/2)²³/23! = 1e-18.
KOKKOS_INLINE_FUNCTION double sine(double x) {
  constexpr double pi_high = 3.141592653589793, pi_low = 1.2246467991473532e-16;
  const double turns = Kokkos::floor(Kokkos::fma(x, 0.3183098861837907, 0.5));
  const double r = Kokkos::fma(-turns, pi_low, Kokkos::fma(-turns, pi_high, x));
  const double square = r * r;
  double series = 0;
  for (int n = 21; n > 1; n -= 2)
    series = square * Kokkos::fma(-1.0, series, 1.0) / static_cast<double>(n * (n - 1));
  const double value = r * Kokkos::fma(-1.0, series, 1.0);
  return turns - 2 * Kokkos::floor(turns / 2) == 0 ? value : -value;
}

}  // namespace theria::random

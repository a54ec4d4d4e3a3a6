// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

namespace host {

/// The bits of a floating-point type that e^x is made with.
template <class Scalar>
struct Ieee;
template <>
struct Ieee<float> {
  using Bits = std::uint32_t;
  static constexpr int mantissa = 23, bias = 127, terms = 7;  // |r|^8/8! < 2^-27
  static constexpr float to_integer = 0x1.8p23f;              // adding it rounds
  static constexpr float ln2_hi = 0x1.62e4p-1f, ln2_lo = 0x1.7f7d1cp-20f;
  static constexpr float least = -86.9f, most = 0x1.62e42ep6f;
};
template <>
struct Ieee<double> {
  using Bits = std::uint64_t;
  static constexpr int mantissa = 52, bias = 1023, terms = 13;  // |r|^14/14! < 2^-57
  static constexpr double to_integer = 0x1.8p52;
  static constexpr double ln2_hi = 0x1.62e42fefa38p-1, ln2_lo = 0x1.ef35793c7673p-45;
  static constexpr double least = -708, most = 0x1.62e42fefa39efp9;
};

/// 1/n!
template <class Scalar>
constexpr Scalar inverse_factorial(int n) {
  Scalar product = 1;
  for (int i = 2; i <= n; ++i) product *= Scalar(i);
  return 1 / product;
}

/// Σ_{i ≥ k} r^(i−k)/i!: Taylor's sum for e^r where k = 0.
template <int k, class Scalar>
[[gnu::always_inline]] inline Scalar taylor(Scalar r) {
  constexpr Scalar coefficient = inverse_factorial<Scalar>(k);
  if constexpr (k == Ieee<Scalar>::terms) {
    return coefficient;
  } else {
    return Kokkos::fma(r, taylor<k + 1>(r), coefficient);
  }
}

/// e^x = 2^n e^r with |r| ≤ ln2/2 and Taylor's sum for e^r: no branch and no table, so that the compiler makes vectors of
/// it where it is inlined, which is not left to it. Below `least`, where 2^(n-1) is no normal number, it is 0; NaN
/// stays NaN.
template <class Scalar>
[[gnu::always_inline]] inline Scalar exponential(Scalar x) {
  using Ieee = host::Ieee<Scalar>;
  using Bits = typename Ieee::Bits;
  const Scalar shifted = Kokkos::fma(x, Scalar(1.44269504088896340736), Ieee::to_integer);
  const Scalar n = shifted - Ieee::to_integer;
  const Scalar r = Kokkos::fma(-n, Ieee::ln2_lo, Kokkos::fma(-n, Ieee::ln2_hi, x));
  const Scalar sum = taylor<0>(r);
  // 2^(n-1) with the sum taking the other 2, since n can be one more than there are exponents.
  const Bits exponent = (Kokkos::bit_cast<Bits>(shifted) + Bits(Ieee::bias - 1)) << Ieee::mantissa;
  const Scalar result = (sum + sum) * Kokkos::bit_cast<Scalar>(exponent);
  const Scalar bounded = x > Ieee::most ? Kokkos::Experimental::infinity_v<Scalar> : result;
  return x < Ieee::least ? Scalar(0) : bounded;
}

}  // namespace host

/// e^x; e^-∞ = 0. On CUDA in float the relative error is below 2^-21 for |x| up to 1 and grows as |x|;
/// elsewhere it is below 2 epsilon.
template <class Space, class Scalar>
KOKKOS_FORCEINLINE_FUNCTION Scalar exponential(Scalar x) {
  if constexpr (Machine<Space>::threads == 1) {
    KOKKOS_IF_ON_HOST((return host::exponential(x);))
    KOKKOS_IF_ON_DEVICE((return x;))
  } else if constexpr (sizeof(Scalar) == 4) {
    return cuda::exp2_fast(x * 1.44269504f);
  } else {
    return Kokkos::exp(x);
  }
}

/// 2^x in float, on CUDA, with the error of exponential.
template <class Space>
KOKKOS_FORCEINLINE_FUNCTION float power_of_two(float x) {
  return cuda::exp2_fast(x);
}
/// n of 2^n.
KOKKOS_FORCEINLINE_FUNCTION float exponent_of(float power) {
  return static_cast<float>(static_cast<int>(Kokkos::bit_cast<std::uint32_t>(power) >> 23) - 127);
}

}  // namespace theria::tile

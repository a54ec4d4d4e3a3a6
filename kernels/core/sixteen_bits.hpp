// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// This header is read without Kokkos as well, by what only handles files.
#ifdef __CUDACC__
#define THERIA_CONSTEXPR __host__ __device__ constexpr
#else
#define THERIA_CONSTEXPR constexpr
#endif

/// The 16-bit types, as memory holds them; arithmetic is in float.
namespace theria {

template <class To, class From>
THERIA_CONSTEXPR To bit_cast(From x) {
  return __builtin_bit_cast(To, x);
}

/// x to the nearest number of `bits` significant bits, ties to even; exponents as in float.
template <int bits>
THERIA_CONSTEXPR float rounded_to(float x) {
  constexpr std::uint32_t dropped = 24 - bits, half = (1u << (dropped - 1)) - 1;
  const auto word = bit_cast<std::uint32_t>(x);
  if ((word & 0x7f800000u) == 0x7f800000u) return x;  // infinities and NaN
  const std::uint32_t odd = (word >> dropped) & 1u;
  return bit_cast<float>((word + half + odd) & ~((1u << dropped) - 1));
}

/// bfloat16: the upper half of a float. Rounded to nearest, ties to even; what is too large is
/// infinite.
struct BFloat16 {
  std::uint16_t bits = 0;

  BFloat16() = default;
  explicit THERIA_CONSTEXPR BFloat16(float x)
      : bits(static_cast<std::uint16_t>(bit_cast<std::uint32_t>(rounded_to<8>(x)) >> 16)) {
    if (x != x) bits = 0x7fc0;
  }
  THERIA_CONSTEXPR operator float() const {
    return bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
  }
};

/// IEEE binary16, subnormal numbers included. Rounded to nearest, ties to even; what is too large is
/// infinite.
struct Float16 {
  std::uint16_t bits = 0;

  Float16() = default;
  explicit THERIA_CONSTEXPR Float16(float x) {
    const auto word = bit_cast<std::uint32_t>(x);
    const std::uint32_t sign = (word >> 16) & 0x8000u, magnitude = word & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
      bits = 0x7e00;
    } else if (magnitude >= 0x477ff000u) {  // 65520, which rounds to 2^16
      bits = static_cast<std::uint16_t>(sign | 0x7c00u);
    } else if (magnitude < 0x38800000u) {                       // below 2^-14: a multiple of 2^-24
      const float shifted = bit_cast<float>(magnitude) + 0.5f;  // rounds at 2^-24
      bits = static_cast<std::uint16_t>(
          sign | (bit_cast<std::uint32_t>(shifted) - bit_cast<std::uint32_t>(0.5f)));
    } else {
      const auto rounded = bit_cast<std::uint32_t>(rounded_to<11>(bit_cast<float>(magnitude)));
      bits = static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
    }
  }
  THERIA_CONSTEXPR operator float() const {
    const std::uint32_t sign = (bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
    if (magnitude >= 0x7c00u)
      return bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
    // 2^112 takes the exponent from binary16's bias to float's, subnormal numbers included.
    const float x = bit_cast<float>(magnitude << 13) * 0x1p112f;
    return sign == 0 ? x : -x;
  }
};

}  // namespace theria

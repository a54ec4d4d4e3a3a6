// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// This header is read without Kokkos as well, by what only handles files.
#ifdef __CUDACC__
#define THERIA_CONSTEXPR __host__ __device__ constexpr
#else
#define THERIA_CONSTEXPR constexpr
#endif
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
#define THERIA_GPU_CONVERTS
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

/// The bits of x as bfloat16, the upper half of a float. Here and below a GPU has instructions of its own: the same to the
/// last bit, but for those of a NaN.
THERIA_CONSTEXPR std::uint16_t bfloat16_bits(float x) {
#ifdef THERIA_GPU_CONVERTS
  if (!__builtin_is_constant_evaluated()) {
    std::uint16_t bits;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
  }
#endif
  if (x != x) return 0x7fc0;
  return static_cast<std::uint16_t>(bit_cast<std::uint32_t>(rounded_to<8>(x)) >> 16);
}

/// The bits of x as IEEE binary16, subnormal numbers included.
THERIA_CONSTEXPR std::uint16_t float16_bits(float x) {
#ifdef THERIA_GPU_CONVERTS
  if (!__builtin_is_constant_evaluated()) {
    std::uint16_t bits;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(bits) : "f"(x));
    return bits;
  }
#endif
  const auto word = bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = (word >> 16) & 0x8000u, magnitude = word & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return 0x7e00;
  if (magnitude >= 0x477ff000u)  // 65520, which rounds to 2^16
    return static_cast<std::uint16_t>(sign | 0x7c00u);
  if (magnitude < 0x38800000u) {                              // below 2^-14: a multiple of 2^-24
    const float shifted = bit_cast<float>(magnitude) + 0.5f;  // rounds at 2^-24
    return static_cast<std::uint16_t>(
        sign | (bit_cast<std::uint32_t>(shifted) - bit_cast<std::uint32_t>(0.5f)));
  }
  const auto rounded = bit_cast<std::uint32_t>(rounded_to<11>(bit_cast<float>(magnitude)));
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

/// The number whose bits as bfloat16, or as binary16, are given.
THERIA_CONSTEXPR float float_of_bfloat16(std::uint16_t bits) {
  return bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
THERIA_CONSTEXPR float float_of_float16(std::uint16_t bits) {
#ifdef THERIA_GPU_CONVERTS
  if (!__builtin_is_constant_evaluated()) {
    float x;
    asm("cvt.f32.f16 %0, %1;" : "=f"(x) : "h"(bits));
    return x;
  }
#endif
  const std::uint32_t sign = (bits & 0x8000u) << 16, magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00u)
    return bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
  // 2^112 takes the exponent from binary16's bias to float's, subnormal numbers included.
  const float x = bit_cast<float>(magnitude << 13) * 0x1p112f;
  return sign == 0 ? x : -x;
}

/// bfloat16. Rounded to nearest, ties to even; what is too large is infinite.
struct BFloat16 {
  std::uint16_t bits = 0;

  BFloat16() = default;
  explicit THERIA_CONSTEXPR BFloat16(float x) : bits(bfloat16_bits(x)) {}
  THERIA_CONSTEXPR operator float() const { return float_of_bfloat16(bits); }
};

/// IEEE binary16. Rounded to nearest, ties to even; what is too large is infinite.
struct Float16 {
  std::uint16_t bits = 0;

  Float16() = default;
  explicit THERIA_CONSTEXPR Float16(float x) : bits(float16_bits(x)) {}
  THERIA_CONSTEXPR operator float() const { return float_of_float16(bits); }
};

}  // namespace theria

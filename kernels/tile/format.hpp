// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/core/dual.hpp"
#include "kernels/core/spaces.hpp"
#include "kernels/tile/tensor_core_format.hpp"

namespace theria::tile {

/// How the operands of `mma` are stored on a machine. What is accumulated, and everything between two
/// products, is a Scalar.
template <class Space, class Element>
struct Format;

/// The host multiplies what it is given, of Narrow numbers the 11 bits that tensor cores take, of Brains the 8.
template <class Element>
struct Format<OpenMP, Element> {
  using Stored = ScalarOf<Element>;
  static constexpr int planes = 1, alignment = 64;
  static constexpr bool scaled = false, takes_factor = false;
  KOKKOS_INLINE_FUNCTION static constexpr int pitch(int cols) { return cols; }

  KOKKOS_INLINE_FUNCTION static Stored rounded(Stored x) {
    if constexpr (is_narrow<Element>) {
      return rounded_to < is_brain<Element> ? 8 : 11 > (x);
    } else {
      return x;
    }
  }
};

#ifdef KOKKOS_ENABLE_CUDA
template <class Element>
struct Format<Cuda, Element> : TensorCoreFormat<Element> {};
#endif

/// The power of two that brings `largest` into [2^14, 2^15); what is as small as 2^-110, or nothing,
/// gets the largest scale whose inverse is still a normal number.
KOKKOS_INLINE_FUNCTION float power_of_two_for(float largest) {
  const std::uint32_t exponent = Kokkos::bit_cast<std::uint32_t>(largest) >> 23;
  const std::uint32_t clamped = exponent < 16 ? 16 : exponent > 254 ? 254 : exponent;
  return Kokkos::bit_cast<float>((268u - clamped) << 23);
}

/// Bytes of an operand of rows x cols on CUDA.
template <class Format>
KOKKOS_INLINE_FUNCTION constexpr std::size_t operand_bytes(int rows, int cols) {
  return sizeof(typename Format::Stored) * Format::planes * Format::numbers(rows, cols);
}

}  // namespace theria::tile

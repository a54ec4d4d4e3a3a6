// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/core/narrow.hpp"

namespace theria::tile {

/// How tensor cores take the operands of a product of Elements, which is also how a GPU stores them: as
/// `planes` matrices of `Stored`, whose sum over a scale is the operand; a row of `cols` numbers takes
/// pitch(cols), and element (row, col) is at place(row, col, cols). Eight rows, from a multiple of eight on,
/// are one piece. Known on the host too, so that memory can be planned where there is no GPU.
template <class Element>
struct TensorCoreFormat;

/// fp64 tensor cores take doubles.
template <>
struct TensorCoreFormat<double> {
  using Stored = double;
  static constexpr int planes = 1;
  static constexpr bool scaled = false;
  // The rows of a half warp fall into different banks.
  KOKKOS_INLINE_FUNCTION static constexpr int pitch(int cols) { return cols + 4; }
  KOKKOS_INLINE_FUNCTION static constexpr int place(int row, int col, int cols) {
    return row * pitch(cols) + col;
  }
};

/// True fp32 on fp16 tensor cores: x = (hi + lo)/scale with hi = fp16(scale·x) and lo the fp16 of
/// what is left, 22 bits in all. The scale is the power of two that puts the largest number into
/// [2^14, 2^15), so that lo keeps its bits. A product is three: lo·hi, hi·lo, hi·hi.
template <>
struct TensorCoreFormat<float> {
  using Stored = std::uint16_t;
  static constexpr int planes = 2;
  static constexpr bool scaled = true;
  // By 8x8 matrices, each 128 bytes of all banks, which is what the instructions read.
  KOKKOS_INLINE_FUNCTION static constexpr int pitch(int cols) { return cols; }
  KOKKOS_INLINE_FUNCTION static constexpr int place(int row, int col, int cols) {
    return row / 8 * 8 * cols + col / 8 * 64 + row % 8 * 8 + col % 8;
  }
};

/// tf32, bfloat16 and binary16: x = hi/scale, 11 bits, so that the 16-bit types lose nothing and all three
/// have the range of a float from one 64 rows to the next. A product is one.
template <>
struct TensorCoreFormat<Narrow> : TensorCoreFormat<float> {
  static constexpr int planes = 1;
};

/// Rows of a packed tensor that share a scale.
inline constexpr int scale_rows = 64;

/// A packed tensor's size: `matrices` of `rows` x `depth`.
template <class Element>
struct PackedSize {
  using Format = TensorCoreFormat<Element>;
  std::size_t matrices;
  int rows, depth;

  /// A multiple of every tile that streams by; short tensors take no more.
  int whole_rows() const {
    const bool short_tiles = rows <= 32 && !std::is_same_v<Element, Narrow>;
    const int tile = short_tiles ? 32 : scale_rows;
    return (rows + tile - 1) / tile * tile;
  }
  std::size_t scales() const { return matrices * ((whole_rows() + scale_rows - 1) / scale_rows); }
  /// With room for one more tile at the end.
  std::size_t numbers() const {
    return (matrices * Format::planes * whole_rows() + scale_rows) * Format::pitch(depth);
  }
};

}  // namespace theria::tile

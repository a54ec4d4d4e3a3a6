// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/core/narrow.hpp"
#include "kernels/tile/form.hpp"

namespace theria::tile {

/// How tensor cores take the operands of a product of Elements, which is also how a GPU stores them: as
/// `planes` matrices of `Stored`, whose sum over a scale, where they are `scaled`, is the operand. In a packed tensor a row
/// of `cols` numbers takes pitch(cols), element (row, col) is at place(row, col, cols), and eight rows, from a multiple of
/// eight on, are one piece. A plane of a tile in shared memory takes numbers(rows, cols), its address a multiple of
/// `alignment`; 16-bit numbers lie there by 8x8 matrices of 128 bytes, or are `swizzled` (StoredOperand). Products may take another
/// factor where a format `takes_factor`. Known on the host too, so that memory can be planned where there is no GPU.
template <class Element>
struct TensorCoreFormat;

/// fp64 tensor cores take doubles.
template <>
struct TensorCoreFormat<double> {
  using Stored = double;
  static constexpr int planes = 1, alignment = 64;
  static constexpr bool scaled = false, takes_factor = false, swizzled = false;
  // The rows of a half warp fall into different banks.
  KOKKOS_INLINE_FUNCTION static constexpr int pitch(int cols) { return cols + 4; }
  KOKKOS_INLINE_FUNCTION static constexpr int place(int row, int col, int cols) {
    return row * pitch(cols) + col;
  }
  KOKKOS_INLINE_FUNCTION static constexpr int numbers(int rows, int cols) {
    return rows * pitch(cols);
  }
};

/// True fp32 on fp16 tensor cores: x = (hi + lo)/scale with hi = fp16(scale·x) and lo the fp16 of
/// what is left, 22 bits in all. The scale is the power of two that puts the largest number into
/// [2^14, 2^15), so that lo keeps its bits. A product is three: lo·hi, hi·lo, hi·hi.
template <>
struct TensorCoreFormat<float> {
  using Stored = std::uint16_t;
  static constexpr auto sixteen = Sixteen::half;
  static constexpr int planes = 2, alignment = 64;
  static constexpr bool scaled = true, takes_factor = true, swizzled = false;
  // By 8x8 matrices, each 128 bytes of all banks, which is what the instructions read.
  KOKKOS_INLINE_FUNCTION static constexpr int pitch(int cols) { return cols; }
  KOKKOS_INLINE_FUNCTION static constexpr int place(int row, int col, int cols) {
    return row / 8 * 8 * cols + col / 8 * 64 + row % 8 * 8 + col % 8;
  }
  KOKKOS_INLINE_FUNCTION static constexpr int numbers(int rows, int cols) { return rows * cols; }
};

/// tf32 and binary16: x = hi/scale, 11 bits, so that a binary16 loses nothing and both have the range of a float
/// from one 64 rows to the next. A product is one.
template <>
struct TensorCoreFormat<Narrow> : TensorCoreFormat<float> {
  static constexpr int planes = 1;
};

/// bfloat16 as it is, in memory too, row by row.
template <>
struct TensorCoreFormat<Brain> : TensorCoreFormat<Narrow> {
  static constexpr auto sixteen = Sixteen::brain;
  static constexpr int alignment = 1024;
  static constexpr bool scaled = false, swizzled = true;
  KOKKOS_INLINE_FUNCTION static constexpr int place(int row, int col, int cols) {
    return row * cols + col;
  }
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
    const bool short_tiles = rows <= 32 && !is_narrow<Element>;
    const int tile = short_tiles ? 32 : scale_rows;
    return (rows + tile - 1) / tile * tile;
  }
  /// Of scale_rows rows.
  std::size_t tiles() const { return matrices * ((whole_rows() + scale_rows - 1) / scale_rows); }
  std::size_t scales() const { return Format::scaled ? tiles() : 0; }
  /// With room for one more tile at the end.
  std::size_t numbers() const {
    return (matrices * Format::planes * whole_rows() + scale_rows) * Format::pitch(depth);
  }
};

}  // namespace theria::tile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"
#include "kernels/core/dual.hpp"
#include "kernels/tile/format.hpp"

namespace theria::tile {

/// The rows of a matrix from `first` on. Rows outside [valid_from, valid_to) are never read and count
/// as zero.
struct Window {
  int first, valid_from, valid_to;

  KOKKOS_INLINE_FUNCTION Window at(int row) const { return {row, valid_from, valid_to}; }
  KOKKOS_INLINE_FUNCTION bool holds(int row) const { return row >= valid_from && row < valid_to; }
};

/// A tensor (b,h,row,col) as kernels read it, or one (b, h) of it. The host reads it where it lies.
template <class Space, class Number>
struct Source {
  Array<const Number, 4> array{};
  std::int64_t start = 0;  // of the (b, h), in elements

  KOKKOS_INLINE_FUNCTION Source select(int b, int h, int /*heads*/) const {
    return {array, array.offset(b, h, 0, 0)};
  }
};

template <class Space, class Element>
struct Source<Space, Dual<Element>> {
  Source<Space, Element> value, tangent;

  KOKKOS_INLINE_FUNCTION Source select(int b, int h, int heads) const {
    return {value.select(b, h, heads), tangent.select(b, h, heads)};
  }
};

#ifdef KOKKOS_ENABLE_CUDA
/// CUDA reads a copy in the format of the tensor cores, made by PackKernel: for each (b, h) the planes
/// (rows, pitch) one after the other, and for each scale_rows rows one number, 1/scale. What is outside
/// the tensor, or not valid, is zero there, and past its end there is room for a whole tile, so that
/// kernels load without looking.
template <class Element>
struct Packed {
  using Format = tile::Format<Cuda, Element>;
  typename Format::Stored* data = nullptr;
  ScalarOf<Element>* inverse = nullptr;
  int rows = 0;  // of one plane: whole tiles
  int pitch = 0;

  KOKKOS_INLINE_FUNCTION int tiles() const { return (rows + scale_rows - 1) / scale_rows; }
  KOKKOS_INLINE_FUNCTION std::int64_t plane() const { return std::int64_t(rows) * pitch; }
  KOKKOS_INLINE_FUNCTION Packed select(int b, int h, int heads) const {
    const std::int64_t matrix = b * heads + h;
    return {data + matrix * Format::planes * plane(), inverse + matrix * tiles(), rows, pitch};
  }
};
template <>
struct Source<Cuda, float> : Packed<float> {
  KOKKOS_INLINE_FUNCTION Source select(int b, int h, int heads) const {
    return {Packed::select(b, h, heads)};
  }
};
template <>
struct Source<Cuda, double> : Packed<double> {
  KOKKOS_INLINE_FUNCTION Source select(int b, int h, int heads) const {
    return {Packed::select(b, h, heads)};
  }
};
template <>
struct Source<Cuda, Narrow> : Packed<Narrow> {
  KOKKOS_INLINE_FUNCTION Source select(int b, int h, int heads) const {
    return {Packed::select(b, h, heads)};
  }
};
/// A bfloat16 is read where it lies, eight at a time, or from a copy that can be read so.
template <>
struct Source<Cuda, Brain> {
  const std::uint16_t* data = nullptr;
  std::int64_t next_b = 0, next_h = 0;  // in numbers
  int next_row = 0;
  int cols = 0;  // the rest are zeros

  KOKKOS_INLINE_FUNCTION Source select(int b, int h, int /*heads*/) const {
    return {data + b * next_b + h * next_h, next_b, next_h, next_row, cols};
  }
};
#endif

}  // namespace theria::tile

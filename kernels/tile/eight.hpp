// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/core/narrow.hpp"
#include "kernels/tile/cuda/words.hpp"

// Rows of a tensor, eight numbers at a time: as 16 bytes each where they lie so.
namespace theria::tile {

namespace cuda {

/// Whether rows that begin at `from` and lie `stride` apart can be read 16 bytes at a time.
template <class T>
KOKKOS_INLINE_FUNCTION bool in_words(T* from, std::int64_t stride) {
  return std::is_arithmetic_v<T> &&
         (reinterpret_cast<std::uintptr_t>(from) | stride * sizeof(T)) % 16 == 0;
}
template <class Element, class Word>
KOKKOS_INLINE_FUNCTION bool in_words(const NarrowWords<Element, Word>& from, std::int64_t stride) {
  return in_words(from.data, stride);
}

/// Eight numbers where in_words() holds.
template <class T, class Scalar>
KOKKOS_INLINE_FUNCTION void read_words(Scalar (&x)[8], T* from) {
  if constexpr (std::is_arithmetic_v<T>) {
    std::remove_const_t<T> raw[8];
    THERIA_UNROLL
    for (int i = 0; i < 8; i += word<T>)
      read<word<T>>(reinterpret_cast<std::remove_const_t<T>(&)[word<T>]>(raw[i]), from + i);
    THERIA_UNROLL
    for (int i = 0; i < 8; ++i) x[i] = raw[i];
  }
}
template <class Element, class Word>
KOKKOS_INLINE_FUNCTION void read_words(float (&x)[8], const NarrowWords<Element, Word>& from) {
  std::remove_const_t<Word> raw[8];
  read_words(raw, from.data);
  const NarrowWords<Element, const std::remove_const_t<Word>> words{raw, from.storage};
  THERIA_UNROLL
  for (int i = 0; i < 8; ++i) x[i] = words[i];
}

/// What `at` places further is.
template <class T>
KOKKOS_INLINE_FUNCTION T* beyond(T* memory, std::int64_t at) {
  return memory + at;
}
template <class Element, class Word>
KOKKOS_INLINE_FUNCTION NarrowWords<Element, Word> beyond(const NarrowWords<Element, Word>& memory,
                                                         std::int64_t at) {
  return {memory.data + at, memory.storage};
}

}  // namespace cuda

/// For n < count eight numbers of x: of the row that is row(n) rows after the one that begins at `start`, from column
/// col(n) on; what is not below cols(n) is zero. All at once where memory allows: the reads don't wait for each other.
template <int count, class Element, class Scalar, class Row, class Col, class Cols>
KOKKOS_INLINE_FUNCTION void read_eights(Scalar (&to)[count][8], const Array<const Element, 4>& x,
                                        std::int64_t start, const Row& row, const Col& col,
                                        const Cols& cols) {
  const std::int64_t next_row = x.stride[2], next_col = x.stride[3];
  x.with_memory([&](const auto& memory) {
    if (next_col == 1 && x.extent[3] % 8 == 0 &&
        cuda::in_words(cuda::beyond(memory, start), next_row)) {
      THERIA_UNROLL
      for (int n = 0; n < count; ++n) {
        THERIA_UNROLL
        for (int i = 0; i < 8; ++i) to[n][i] = Scalar(0);
        if (col(n) < cols(n))
          cuda::read_words(to[n], cuda::beyond(memory, start + row(n) * next_row + col(n)));
      }
    } else {
      THERIA_UNROLL
      for (int n = 0; n < count; ++n) {
        THERIA_UNROLL
        for (int i = 0; i < 8; ++i) {
          const std::int64_t at = start + row(n) * next_row + (col(n) + i) * next_col;
          to[n][i] = col(n) + i < cols(n) ? Scalar(memory[at]) : Scalar(0);
        }
      }
    }
  });
}

}  // namespace theria::tile

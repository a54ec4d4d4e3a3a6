// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/episode/matrix.hpp"

namespace theria::episode {

/// How a team of one machine keeps its arrays.
struct Storage {
  std::size_t line;   // bytes; rows end with whole lines, their rest is zeros or nobody's
  bool odd_lines;     // an odd number of them, so that a column's lines lie in different banks
  bool turns_copies;  // the right operand of a product is turned in memory, not while it is read
  std::size_t near_bytes;  // scratch of a team, for what is carved first
  int teams;               // that work at once
};

/// Cuts arrays from a team's two workspaces: from the near one as long as they fit, else from the far
/// one. From nothing it only counts.
class Carver {
 public:
  KOKKOS_INLINE_FUNCTION Carver(const Storage& storage, char* near, char* far)
      : m_storage(storage), m_near(near), m_far(far) {}

  template <class Scalar>
  KOKKOS_INLINE_FUNCTION Matrix<Scalar> matrix(int rows, int cols) {
    const int ld = leading<Scalar>(cols);
    const std::size_t far_before = m_far_bytes;
    Scalar* const start = take<Scalar>(std::size_t(rows) * ld);
    return {start, ld, m_far_bytes == far_before};
  }
  template <class Scalar>
  KOKKOS_INLINE_FUNCTION Scalar* row(std::size_t count) {
    return take<Scalar>(count);
  }
  /// From here on everything is far.
  KOKKOS_INLINE_FUNCTION void leave_near() { m_storage.near_bytes = 0; }
  KOKKOS_INLINE_FUNCTION const Storage& storage() const { return m_storage; }
  KOKKOS_INLINE_FUNCTION std::size_t near_bytes() const { return m_near_bytes; }
  KOKKOS_INLINE_FUNCTION std::size_t far_bytes() const { return m_far_bytes; }

  /// `count` numbers and what completes their last line.
  template <class Scalar>
  KOKKOS_INLINE_FUNCTION int padded(int count) const {
    const int numbers = static_cast<int>(m_storage.line / sizeof(Scalar));
    return (count + numbers - 1) / numbers * numbers;
  }

 private:
  /// Numbers from one row to the next.
  template <class Scalar>
  KOKKOS_INLINE_FUNCTION int leading(int cols) const {
    const int numbers = static_cast<int>(m_storage.line / sizeof(Scalar));
    const int lines = (cols + numbers - 1) / numbers;
    return (m_storage.odd_lines ? lines | 1 : lines) * numbers;
  }
  template <class Scalar>
  KOKKOS_INLINE_FUNCTION Scalar* take(std::size_t count) {
    const std::size_t line = m_storage.line;
    const std::size_t bytes = (count * sizeof(Scalar) + line - 1) / line * line;
    const bool near = m_near_bytes + bytes <= m_storage.near_bytes;
    std::size_t& used = near ? m_near_bytes : m_far_bytes;
    char* const start = near ? m_near : m_far;
    char* const at = start == nullptr ? nullptr : start + used;
    used += bytes;
    return reinterpret_cast<Scalar*>(at);
  }

  Storage m_storage;
  char *m_near, *m_far;
  std::size_t m_near_bytes = 0, m_far_bytes = 0;
};

}  // namespace theria::episode

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/core/spaces.hpp"

namespace theria {

/// Device memory that operators use between their launches. It grows on demand, is kept between
/// calls, and belongs to one stream of calls: two operators running at once need two of them.
template <class Space>
class Workspace {
 public:
  /// Start of an operator: what was taken before is free again.
  void rewind() { m_used = 0; }

  /// Makes room for `bytes` in all; call before the first take() of an operator.
  void reserve(std::size_t bytes) {
    if (bytes <= m_memory.extent(0)) return;
    m_memory = {};
    m_memory = ViewOn<std::byte*, Space>(
        Kokkos::view_alloc("theria::workspace", Kokkos::WithoutInitializing), bytes);
  }

  /// `count` numbers, 256-byte aligned, uninitialised.
  template <class T>
  T* take(std::size_t count) {
    T* const start = reinterpret_cast<T*>(m_memory.data() + m_used);
    m_used += bytes_for<T>(count);
    return start;
  }

  template <class T>
  static constexpr std::size_t bytes_for(std::size_t count) {
    return (count * sizeof(T) + 255) / 256 * 256;
  }

  std::size_t bytes() const { return m_memory.extent(0); }

 private:
  ViewOn<std::byte*, Space> m_memory;
  std::size_t m_used = 0;
};

}  // namespace theria

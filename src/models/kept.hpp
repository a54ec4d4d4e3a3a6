// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

/// What a piece of `numbers` a task takes of memory: whole words of 16 bytes, so that all pieces begin with one,
/// however many tasks there are. Products choose their kernel by that.
constexpr std::size_t whole_words(std::size_t numbers) { return (numbers + 3) / 4 * 4; }

/// Activations that a layer keeps between its rules: room for the most, used for as much as there is.
template <class Scalar>
class Kept {
 public:
  Kept() = default;
  explicit Kept(Scalar* start) : m_start(start) {}

  /// Dense, from the start.
  template <class... Extent>
  auto rows(Extent... extents) const {
    return dense_array(m_start, extents...);
  }

 private:
  Scalar* m_start = nullptr;
};

/// Numbers on the device that are cut into pieces, one behind the other. A copy cuts the same numbers once more.
template <class Space, class Scalar>
class Memory {
 public:
  Memory() = default;
  explicit Memory(std::size_t numbers)
      : m_numbers(Kokkos::view_alloc("theria::models::kept", Kokkos::WithoutInitializing),
                  numbers) {}

  /// `numbers` of each task.
  Kept<Scalar> take(int tasks, std::size_t numbers) {
    const Kept<Scalar> kept(m_numbers.data() + m_used);
    m_used += tasks * whole_words(numbers);
    if (m_used > m_numbers.extent(0))
      throw std::logic_error("a layer keeps more activations than it says");
    return kept;
  }

 private:
  ViewOn<Scalar*, Space> m_numbers;
  std::size_t m_used = 0;
};

}  // namespace theria

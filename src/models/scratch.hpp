// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"
#include "src/models/kept.hpp"

namespace theria {

/// Numbers on the device for a while: taken and given back like a stack, so that what lives only during one rule of
/// one layer is there once, not once a layer.
template <class Space, class Scalar>
class Scratch {
 public:
  void allocate(std::size_t numbers) {
    m_memory = ViewOn<Scalar*, Space>(
        Kokkos::view_alloc("theria::models::scratch", Kokkos::WithoutInitializing), numbers);
  }

  /// Dense (n,r,c), uninitialised.
  Array<Scalar, 3> take(std::int64_t n, std::int64_t r, std::int64_t c) {
    const auto rows = dense_array(m_memory.data() + m_used, n, r, c);
    m_used += static_cast<std::size_t>(n) * whole_words(static_cast<std::size_t>(r * c));
    if (m_used > m_memory.extent(0))
      throw std::logic_error("a layer takes more scratch than it says");
    return rows;
  }

  /// Gives back, at its end, what was taken since its start.
  class Frame {
   public:
    explicit Frame(Scratch& scratch) : m_scratch(scratch), m_start(scratch.m_used) {}
    ~Frame() { m_scratch.m_used = m_start; }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

   private:
    Scratch& m_scratch;
    std::size_t m_start;
  };

 private:
  ViewOn<Scalar*, Space> m_memory;
  std::size_t m_used = 0;
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

/// Numbers in team scratch.
template <class Number, int Count>
struct ScratchArray {
  static constexpr std::size_t bytes = (sizeof(Number) * Count + 15) / 16 * 16;

  Number* data;

  KOKKOS_INLINE_FUNCTION explicit ScratchArray(char*& arena)
      : data(reinterpret_cast<Number*>(arena)) {
    arena += bytes;
  }
  KOKKOS_INLINE_FUNCTION Number& operator()(int i) const { return data[i]; }

  /// Starts to load `count` numbers to `first` on; complete after `arrive`.
  template <class Plan>
  KOKKOS_INLINE_FUNCTION void load(int first, const Number* from, int count) const {
    if constexpr (Machine<typename Plan::Space>::threads == 1) {
      for (int i = 0; i < count; ++i) data[first + i] = from[i];
    } else {
      constexpr int word = sizeof(Number) % 8 == 0 ? 8 : 4;
      const int words = count * static_cast<int>(sizeof(Number)) / word;
      const std::uint32_t to = cuda::shared_address(data + first);
      for (int w = cuda::warp() * 32 + cuda::lane(); w < words; w += 32 * Plan::warps)
        cuda::copy<word, 0>(to + word * w, reinterpret_cast<const char*>(from) + word * w);
    }
  }
};

/// Team scratch is cut at this alignment, or a larger one; finding it may cost as many bytes.
inline constexpr int scratch_alignment = 64;

/// Scratch to ask for when a kernel cuts `bytes` from its arena.
constexpr std::size_t scratch_request(std::size_t bytes, int alignment = scratch_alignment) {
  return bytes + alignment;
}

/// Start of the team's scratch, of which `request` bytes were asked for; everything of a kernel is cut
/// from it in declaration order, in multiples of 16 bytes.
template <class Space, int alignment = scratch_alignment>
KOKKOS_INLINE_FUNCTION char* arena_of(const Member<Space>& team, std::size_t request) {
  constexpr int level = Machine<Space>::scratch_level;  // Kokkos takes it by reference
  const auto bytes = static_cast<std::ptrdiff_t>(request - alignment);
  return static_cast<char*>(
      team.team_scratch(level).get_shmem_aligned(bytes, static_cast<std::ptrdiff_t>(alignment)));
}

}  // namespace theria::tile

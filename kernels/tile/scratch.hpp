// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

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
};

/// Team scratch is cut at this alignment; finding it may cost as many bytes.
inline constexpr std::size_t scratch_alignment = 64;

/// Scratch to ask for when a kernel cuts `bytes` from its arena.
constexpr std::size_t scratch_request(std::size_t bytes) { return bytes + scratch_alignment; }

/// Start of the team's scratch, of which `request` bytes were asked for; everything of a kernel is cut
/// from it in declaration order, in multiples of 16 bytes.
template <class Space>
KOKKOS_INLINE_FUNCTION char* arena_of(const Member<Space>& team, std::size_t request) {
  constexpr int level = Machine<Space>::scratch_level;  // Kokkos takes it by reference
  const auto bytes = static_cast<std::ptrdiff_t>(request - scratch_alignment);
  return static_cast<char*>(team.team_scratch(level).get_shmem_aligned(
      bytes, static_cast<std::ptrdiff_t>(scratch_alignment)));
}

}  // namespace theria::tile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/core/spaces.hpp"

namespace theria::tile {

/// What the tile algebra needs to know of a machine. Only kernels/tile/ knows which one it is on.
template <class Space>
struct Machine;

/// A host team is one thread; its tiles live in the cache.
template <>
struct Machine<OpenMP> {
  static constexpr int threads = 1;
  static constexpr int scratch_level =
      1;  // Kokkos caps level 0 at 24 KiB there; it is the same memory
  static constexpr int padding = 0;

  template <class Scalar>
  static constexpr int rows(int /*depth*/) {
    return 32;
  }
};

#ifdef KOKKOS_ENABLE_CUDA
/// A CUDA team is a block of 4 warps; its tiles live in shared memory.
template <>
struct Machine<Cuda> {
  static constexpr int threads = 128;
  static constexpr int scratch_level = 0;
  static constexpr int padding = 1;  // an odd row length: a column is read without bank conflicts

  /// An 8 KiB tile: the HVP's eight of them and its score tiles stay under 100 KiB a team.
  template <class Scalar>
  static constexpr int rows(int depth) {
    return std::clamp(8192 / (depth * static_cast<int>(sizeof(Scalar))), 4, 32);
  }
};
#endif

/// Tile sizes of one instantiation: `rows` queries or keys by `depth` features.
template <class Space, class Scalar, int Depth>
struct Plan {
  static constexpr int depth = Depth;
  static constexpr int rows = Machine<Space>::template rows<Scalar>(Depth);
};

template <class Space>
using Policy = Kokkos::TeamPolicy<Space, Kokkos::LaunchBounds<Machine<Space>::threads>>;
template <class Space>
using Member = typename Policy<Space>::member_type;

/// Calls f(index) for index in [0, count), spread over the team's threads in a fixed way.
template <class Member, class Function>
KOKKOS_INLINE_FUNCTION void for_each(const Member& team, int count, const Function& f) {
  for (int index = team.team_rank(); index < count; index += team.team_size()) f(index);
}

}  // namespace theria::tile

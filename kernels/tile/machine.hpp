// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"

namespace theria::tile {

/// What the tile algebra needs to know of a machine. Only kernels/tile/ knows which one it is on.
template <class Space>
struct Machine;

/// A host team is one thread; its tiles live in the cache.
template <>
struct Machine<OpenMP> {
  static constexpr int threads = 1;  // that share a warp's work
  static constexpr int scratch_level =
      1;  // Kokkos caps level 0 at 24 KiB there; it is the same memory
};

#ifdef KOKKOS_ENABLE_CUDA
/// A CUDA team is some warps of 32 threads; its tiles live in shared memory.
template <>
struct Machine<Cuda> {
  static constexpr int threads = 32;
  static constexpr int scratch_level = 0;
};
#endif

template <class Space>
using Member = typename Kokkos::TeamPolicy<Space>::member_type;

}  // namespace theria::tile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"

namespace theria::linear::cuda {

#ifdef KOKKOS_ENABLE_CUDA
using Space = Cuda;
#else
using Space = OpenMP;  // a build without CUDA reads these kernels, too, and makes none
#endif

/// The plan of a kernel (tile/launch.hpp): warps of a team, and teams that a multiprocessor has at once.
template <int warps_, int teams_>
struct TeamPlan {
  using Space = cuda::Space;
  static constexpr int warps = warps_;
  static constexpr struct { int teams; } tiling{teams_};
};

}  // namespace theria::linear::cuda

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/episode/arguments.hpp"
#include "kernels/episode/carver.hpp"

namespace theria::episode {

/// How a team keeps its arrays, and how many work at once: one a hardware thread of the host; two a
/// multiprocessor of a GPU, each with half of its shared memory. Before Kokkos is initialised the threads are those
/// that OpenMP would take, and the GPU is an H100, if there is none.
Storage host_storage();
Storage gpu_storage();

/// Teams that work on `tasks` tasks at once, each on one task after the other: those of the machine, but, one at least,
/// no more than keep together what the parameters of `tasks` tasks take at each swept step. Results do not
/// depend on it.
template <class Scalar, class Input>
int teams(const Storage& storage, const Shape& shape, const Options& options, int tasks);

/// Bytes of device memory that a team takes for any of its tasks.
template <class Scalar, class Input>
std::size_t team_bytes(const Storage& storage, const Shape& shape, const Options& options);

/// The teams of one launch and their device memory.
struct League {
  int size;
  char* workspace;
  std::size_t team_bytes;
};
template <class Scalar, class Input, class Space>
League gather(const Storage& storage, const Shape& shape, const Options& options,
              std::int64_t tasks, int most_teams, Workspace<Space>& workspace) {
  const auto size = static_cast<int>(tasks < most_teams ? tasks : most_teams);
  const std::size_t bytes = team_bytes<Scalar, Input>(storage, shape, options);
  workspace.rewind();
  workspace.reserve(bytes * size);
  return {size, workspace.template take<char>(bytes * size), bytes};
}

/// Adapts every task to its support set and, where args.meta_gradient is given, differentiates its query loss
/// after adaptation by the parameters before it. One launch; a team does a task from its first
/// step to its last product:
///
///     θ_{k+1} = θ_k − α ∇L_support(θ_k)                      k = 0 … K − 1
///     λ_K = ∇L_query(θ_K)   λ_k = λ_{k+1} − α ∇²L_support(θ_k) λ_{k+1}   for the last `swept` k
///
/// Of a step its factors are kept, not its parameters (docs/theory.md). All outputs are overwritten. The
/// numbers of a task depend on nothing but the task. At most `most_teams` work at once. Of sets in BFloat16
/// the numbers are those of the same sets in float.
template <class Space, class Scalar, class Input>
void run(const Space& space, const Shape& shape, const Options& options, const Sets<Input>& sets,
         const Arguments<Scalar>& args, int most_teams, Workspace<Space>& workspace);

}  // namespace theria::episode

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/cuda/warpgroup.hpp"
#include "kernels/tile/machine.hpp"
#include "kernels/tile/plan.hpp"
#include "kernels/tile/scratch.hpp"
#include "src/core/error.hpp"

namespace theria::tile {

/// Makes what was loaded, and all that was written to scratch, visible to the team.
template <class Plan, class Team>
KOKKOS_INLINE_FUNCTION void arrive(const Team& team) {
  if constexpr (Machine<typename Plan::Space>::threads > 1) {
    cuda::wait_for_copies();
    cuda::publish_to_products();
    cuda::sync_team();
  } else {
    team.team_barrier();
  }
}

/// The same of stored scores, which mostly stay with the warp that made them.
template <class Plan, class Team>
KOKKOS_INLINE_FUNCTION void rows_arrive(const Team& team) {
  if constexpr (Machine<typename Plan::Space>::threads == 1 || Plan::across > 1) {
    team.team_barrier();
  } else if constexpr (Plan::tiling.scores_in_scratch) {
    cuda::sync_warp();
  }
}

/// `league` as an int; throws where one launch can't have so many teams.
inline int countable(const std::string& label, std::int64_t league) {
  if (league > std::numeric_limits<int>::max())
    throw RunError(label + ": " + std::to_string(league) + " tiles are more than one launch takes");
  return static_cast<int>(league);
}

/// Runs a team functor on kernel.league() teams, each with Kernel::scratch bytes of team scratch.
/// An empty league is no launch. Throws RunError when the device offers less scratch than the plan
/// of this instantiation needs, or the league exceeds what a policy can count.
template <class Kernel>
void launch(const std::string& label, const typename Kernel::Plan::Space& space,
            const Kernel& kernel) {
  using Plan = typename Kernel::Plan;
  using Machine = tile::Machine<typename Plan::Space>;
  constexpr int threads = Machine::threads * Plan::warps;
  using Policy =
      Kokkos::TeamPolicy<typename Plan::Space, Kokkos::LaunchBounds<threads, Plan::tiling.teams>>;
  const std::int64_t league = kernel.league();
  if (league == 0) return;
  Policy policy(space, countable(label, league), Plan::warps, Machine::threads);
  if constexpr (Kernel::scratch > 0) {
    const auto offered = static_cast<std::size_t>(policy.scratch_size_max(Machine::scratch_level));
    if (Kernel::scratch > offered)
      throw RunError(
          label + " needs " + std::to_string(Kernel::scratch) +
          " bytes of team scratch for this head dimension; this Kokkos offers " +
          std::to_string(offered) +
          ". theria's own build of Kokkos (./bootstrap build) offers all of the device's");
    policy.set_scratch_size(Machine::scratch_level,
                            Kokkos::PerTeam(static_cast<int>(Kernel::scratch)));
  }
  // Functors above 512 bytes would otherwise go through constant memory, which serialises launches.
  const auto light = Kokkos::Experimental::require(
      policy, Kokkos::Experimental::WorkItemProperty::HintLightWeight);
  Kokkos::parallel_for(label, light, kernel);
}

}  // namespace theria::tile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "kernels/tile/machine.hpp"
#include "src/core/error.hpp"

namespace theria::tile {

/// Runs a team functor on kernel.league() teams, each with Kernel::scratch bytes of team scratch.
/// An empty league is no launch. Throws RunError when the device offers less scratch than the plan
/// of this instantiation needs, or the league exceeds what a policy can count.
template <class Space, class Kernel>
void launch(const std::string& label, const Space& space, const Kernel& kernel) {
  const std::int64_t league = kernel.league();
  if (league == 0) return;
  if (league > std::numeric_limits<int>::max())
    throw RunError(label + ": " + std::to_string(league) + " tiles are more than one launch takes");
  constexpr int level = Machine<Space>::scratch_level;
  Policy<Space> policy(space, static_cast<int>(league), Machine<Space>::threads);
  const auto offered = static_cast<std::size_t>(policy.scratch_size_max(level));
  if (Kernel::scratch > offered)
    throw RunError(label + " needs " + std::to_string(Kernel::scratch) +
                   " bytes of team scratch for this head dimension; this Kokkos offers " +
                   std::to_string(offered) +
                   ". theria's own build of Kokkos (./bootstrap build) offers all of the device's");
  policy.set_scratch_size(level, Kokkos::PerTeam(static_cast<int>(Kernel::scratch)));
  // Functors above 512 bytes would otherwise go through constant memory, which serialises launches.
  const auto light = Kokkos::Experimental::require(
      policy, Kokkos::Experimental::WorkItemProperty::HintLightWeight);
  Kokkos::parallel_for(label, light, kernel);
}

}  // namespace theria::tile

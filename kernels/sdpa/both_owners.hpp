// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/sdpa/key_owner.hpp"
#include "kernels/sdpa/query_owner.hpp"

namespace theria::sdpa {

/// The VJP's owners of keys, whose work is the longer, and of queries in one launch, for machines that run many teams at
/// once: neither waits for the other's last tiles. An HVP is slower so.
template <class Space_, class Stored, int Depth>
struct BothOwners {
  using Space = Space_;
  using Queries = QueryOwner<Space, Stored, Depth>;
  using Keys = KeyOwner<Space, Stored, Depth>;
  struct Plan {
    using Space = Space_;
    static constexpr int warps = Keys::Plan::warps;
    static constexpr struct {
      int teams;
    } tiling{std::min(Keys::Plan::tiling.teams, Queries::Plan::tiling.teams)};
  };
  static constexpr bool possible = tile::Machine<Space>::threads > 1 && !is_dual<Stored> &&
                                   Keys::Plan::warps == Queries::Plan::warps;
  static constexpr std::size_t scratch = std::max(Keys::scratch, Queries::scratch);

  Keys keys;
  Queries queries;
  int teams_of_keys, teams_of_queries;  // 0 where no result of theirs is wanted

  std::int64_t league() const { return std::int64_t(teams_of_keys) + teams_of_queries; }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const int rank = team.league_rank();
    if (rank < teams_of_keys) {
      keys.run(team, rank);
    } else {
      queries.run(team, rank - teams_of_keys);
    }
  }
};

}  // namespace theria::sdpa

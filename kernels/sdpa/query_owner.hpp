// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"

namespace theria::sdpa {

/// One team: a tile of query rows of one (b, h), all keys they see. dQ = scale·dS K, overwritten.
template <class Space, class Number, int Depth>
struct QueryOwner {
  using Tiles = BackwardTiles<Space, Number, Depth>;
  static constexpr int rows = Tiles::rows;
  static constexpr std::size_t scratch =
      tile::scratch_request(Tiles::bytes + Tiles::ScoreTile::bytes);

  BackwardOperands<Number> in;
  Result<Number> d_q;

  std::int64_t league() const {
    return std::int64_t(in.problem.b) * in.problem.h * ((in.problem.tq + rows - 1) / rows);
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const auto& problem = in.problem;
    const int tiles = (problem.tq + rows - 1) / rows;
    const int bh = team.league_rank() / tiles;
    const int i0 = team.league_rank() % tiles * rows;
    const int m = problem.tq - i0 < rows ? problem.tq - i0 : rows;

    char* arena = tile::arena_of<Space>(team, scratch);
    const Tiles tiles_at(in, arena, bh / problem.h, bh % problem.h);
    const typename Tiles::ScoreTile d_s(arena);

    tiles_at.load_queries(team, i0, m);
    typename Tiles::Accumulator sum;
    sum.clear();
    const int keys = tiles_at.sees.limit(i0 + m - 1);
    for (int j0 = 0; j0 < keys; j0 += rows) {
      const int n = keys - j0 < rows ? keys - j0 : rows;
      tiles_at.load_keys(team, j0);
      team.team_barrier();
      tiles_at.for_each_score(team, i0, j0, m, n,
                              [&](int i, int j, int, Number, Number x) { d_s.set(i, j, x); });
      team.team_barrier();
      tile::mma<tile::Form::nn>(team, sum, d_s, tiles_at.k, {m, problem.d, n});
      team.team_barrier();
    }
    tile::store(team, d_q.slice(tiles_at.b, tiles_at.h), sum, problem.scale, {i0, m, problem.d});
  }
};

}  // namespace theria::sdpa

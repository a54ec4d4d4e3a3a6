// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"

namespace theria::sdpa {

/// One team: a tile of keys of one (b, h), all query rows that see one of them.
/// dV = Pᵀ dO and dK = scale·dSᵀ Q, overwritten.
template <class Space, class Number, int Depth>
struct KeyOwner {
  using Tiles = BackwardTiles<Space, Number, Depth>;
  static constexpr int rows = Tiles::rows;
  static constexpr std::size_t scratch =
      tile::scratch_request(Tiles::bytes + 2 * Tiles::ScoreTile::bytes);

  BackwardOperands<Number> in;
  Result<Number> d_k, d_v;

  std::int64_t league() const {
    return std::int64_t(in.problem.b) * in.problem.h * ((in.problem.tk + rows - 1) / rows);
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const auto& problem = in.problem;
    const int tiles = (problem.tk + rows - 1) / rows;
    const int bh = team.league_rank() / tiles;
    const int j0 = team.league_rank() % tiles * rows;
    const int n = problem.tk - j0 < rows ? problem.tk - j0 : rows;

    char* arena = tile::arena_of<Space>(team, scratch);
    const Tiles tiles_at(in, arena, bh / problem.h, bh % problem.h);
    const typename Tiles::ScoreTile p(arena), d_s(arena);

    tiles_at.load_keys(team, j0);
    typename Tiles::Accumulator sum_k, sum_v;
    sum_k.clear();
    sum_v.clear();
    const bool seen = j0 < tiles_at.sees.key_length;
    for (int i0 = tiles_at.sees.first_row_seeing(j0) / rows * rows; seen && i0 < problem.tq;
         i0 += rows) {
      const int m = problem.tq - i0 < rows ? problem.tq - i0 : rows;
      tiles_at.load_queries(team, i0, m);
      team.team_barrier();
      tiles_at.for_each_score(team, i0, j0, m, n, [&](int i, int j, int, Number x, Number d_x) {
        p.set(i, j, x);
        d_s.set(i, j, d_x);
      });
      team.team_barrier();
      tile::mma<tile::Form::tn>(team, sum_v, p, tiles_at.d_o, {n, problem.dv, m});
      tile::mma<tile::Form::tn>(team, sum_k, d_s, tiles_at.q, {n, problem.d, m});
      team.team_barrier();
    }
    const int b = tiles_at.b, h = tiles_at.h;
    tile::store(team, d_v.slice(b, h), sum_v, typename Tiles::Scalar(1), {j0, n, problem.dv});
    tile::store(team, d_k.slice(b, h), sum_k, problem.scale, {j0, n, problem.d});
  }
};

}  // namespace theria::sdpa

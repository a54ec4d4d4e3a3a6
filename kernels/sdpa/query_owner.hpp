// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"
#include "kernels/sdpa/key_tiles.hpp"

namespace theria::sdpa {

/// One team: a tile of query rows of one (b, h), all keys they see. dQ = scale·dS K, overwritten.
template <class Space, class Stored, int Depth>
struct QueryOwner {
  using Number = ArithmeticOf<Stored>;
  using Plan = tile::Plan<Space, Stored, Depth, 1, 2, 2, 1>;
  using ScoreFragment = tile::ScoreFragment<Plan>;
  static constexpr int rows = Plan::rows, cols = Plan::cols;
  static constexpr std::size_t scratch = tile::scratch_request(
      2 * tile::Own<Plan>::bytes + 2 * tile::Stream<Plan>::bytes + tile::ScoreOperand<Plan>::bytes,
      Plan::alignment);

  BackwardOperands<Space, Stored> in;
  Result<Stored> d_q;

  std::int64_t league() const { return OwnedTile::league(in.problem, in.problem.tq, rows); }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    run(team, team.league_rank());
  }
  /// As team `rank` of a league.
  KOKKOS_INLINE_FUNCTION void run(const tile::Member<Space>& team, int rank) const {
    const auto& problem = in.problem;
    const OwnedTile own(problem.h, problem.tq, rows, rank);
    const int b = own.b, h = own.h, i0 = own.first, m = own.count;
    const Visibility sees = problem.visibility(b);

    char* arena = tile::arena_of<Space, Plan::alignment>(team, scratch);
    tile::Own<Plan> q(arena), d_o(arena);
    KeyTiles<Plan, tile::Source<Space, Stored>> keys(arena, problem, in.k, in.v, b, h,
                                                     sees.limit(i0 + m - 1));
    tile::ScoreOperand<Plan> d_s(arena);

    const tile::Window queries = problem.window(b, tile::Axis::queries).at(i0);
    q.load(team, in.q.select(b, h, problem.h), queries);
    q.take_factor(problem.scale);
    d_o.load(team, in.d_o.select(b, h, problem.h), queries);
    tile::Rows<Plan, RowStatistics<Number>> row;
    tile::for_each_row<Plan>(m, [&](int r, int i) {
      row(r) = i < m ? in.statistics(b, h, i0 + i) : RowStatistics<Number>::unseen();
    });
    const Scores<Space, Stored> score{problem, in.bias, sees, b, h};
    tile::Accumulator<Plan> sum;
    sum.clear(m, problem.d);
    keys.load(team, 0);
    for (int j0 = 0; j0 < keys.end; j0 += cols) {
      const int n = keys.count(j0);
      tile::arrive<Plan>(team);
      const auto k = keys.k.loaded, v = keys.v.loaded;
      if constexpr (Plan::stages == 2) keys.load(team, j0 + cols);

      ScoreFragment s, d_p;
      tile::begin_multiply(s, q, k, {m, n, problem.d});       // (1)
      tile::begin_multiply(d_p, d_o, v, {m, n, problem.dv});  // (3)
      const auto row_of = [&](tile::Place at) -> const auto& { return row(at.row); };
      tile::finish_multiply<1>(s);
      const ScoreTile at{
          i0, j0, m, n, false, score.plain(i0, j0, cols, tile::are_below(score.small, s, q, k))};
      exponentiate(score, at, s, row_of);  // (2)
      tile::finish_multiply(d_p);
      differentiate(at, s, d_p, row_of);  // (4)
      d_s.store(team, d_p, tile::Range::any, m, n);
      tile::rows_arrive<Plan>(team);
      tile::mma<tile::Form::nn>(sum, d_s, k, {m, problem.d, n});
      if constexpr (Plan::stages == 1) {
        team.team_barrier();
        keys.load(team, j0 + cols);
      }
    }
    tile::store(d_q.slice(b, h), sum, problem.scale, {i0, m, problem.d});
  }
};

}  // namespace theria::sdpa

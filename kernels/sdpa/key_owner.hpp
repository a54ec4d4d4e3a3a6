// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"

namespace theria::sdpa {

/// One team: a tile of keys of one (b, h), all query rows that see one of them; scores are transposed,
/// a row of them is a key. dV = Pᵀ dO and dK = scale·dSᵀ Q, overwritten.
template <class Space, class Stored, int Depth>
struct KeyOwner {
  using Number = ArithmeticOf<Stored>;
  using Scalar = ScalarOf<Stored>;
  using Plan = tile::Plan<Space, Stored, Depth, 2, 2, 2, 1>;
  using ScoreFragment = tile::ScoreFragment<Plan>;
  using Statistics = tile::ScratchArray<RowStatistics<Number>, Plan::stages * Plan::cols>;
  static constexpr int rows = Plan::rows, cols = Plan::cols;
  static constexpr auto transposed = tile::First::right_tangent;
  static constexpr std::size_t scratch =
      tile::scratch_request(2 * tile::Own<Plan>::bytes + 2 * tile::Stream<Plan>::bytes +
                                tile::ScoreOperand<Plan>::bytes + Statistics::bytes,
                            Plan::alignment);

  BackwardOperands<Space, Stored> in;
  Result<Stored> d_k, d_v;

  std::int64_t league() const { return OwnedTile::league(in.problem, in.problem.tk, rows); }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    run(team, team.league_rank());
  }
  /// As team `rank` of a league.
  KOKKOS_INLINE_FUNCTION void run(const tile::Member<Space>& team, int rank) const {
    const auto& problem = in.problem;
    const OwnedTile own(problem.h, problem.tk, rows, rank);
    const int b = own.b, h = own.h, j0 = own.first, n = own.count;
    const Visibility sees = problem.visibility(b);

    char* arena = tile::arena_of<Space, Plan::alignment>(team, scratch);
    tile::Own<Plan> k(arena), v(arena);
    tile::Stream<Plan> q_tiles(arena), d_o_tiles(arena);
    tile::ScoreOperand<Plan> score_operand(arena);
    const Statistics row(arena);

    const tile::Window keys = problem.window(b, tile::Axis::keys).at(j0);
    k.load(team, in.k.select(b, h, problem.h), keys);
    k.take_factor(problem.scale);
    v.load(team, in.v.select(b, h, problem.h), keys);
    const auto q_source = in.q.select(b, h, problem.h), d_o_source = in.d_o.select(b, h, problem.h);
    const tile::Window query_rows = problem.window(b, tile::Axis::queries);
    tile::Accumulator<Plan> sum_k, sum_v;
    sum_k.clear(n, problem.d);
    sum_v.clear(n, problem.dv);
    const Scores<Space, Stored> score{problem, in.bias, sees, b, h};
    const int first = sees.first_row_seeing(j0) / cols * cols;
    const int end = j0 < sees.key_length ? problem.tq : 0;
    const auto load = [&](int i0) {
      if (i0 >= end) return;
      const int slot = tile::Stream<Plan>::slot(i0);
      q_tiles.load(team, q_source, query_rows.at(i0));
      d_o_tiles.load(team, d_o_source, query_rows.at(i0));
      const int there = problem.tq - i0 < cols ? problem.tq - i0 : cols;
      row.template load<Plan>(slot * cols, &in.statistics(b, h, i0), there);
      tile::for_each_of_team<Plan>(cols - there, [&](int i) {
        row(slot * cols + there + i) = RowStatistics<Number>::unseen();
      });
    };
    load(first);
    for (int i0 = first; i0 < end; i0 += cols) {
      const int m = problem.tq - i0 < cols ? problem.tq - i0 : cols,
                slot = tile::Stream<Plan>::slot(i0);
      tile::arrive<Plan>(team);
      const auto q = q_tiles.loaded, d_o = d_o_tiles.loaded;
      if constexpr (Plan::stages == 2) load(i0 + cols);

      ScoreFragment s, d_p;
      tile::begin_multiply<transposed>(s, k, q, {n, m, problem.d});       // (1)
      tile::begin_multiply<transposed>(d_p, v, d_o, {n, m, problem.dv});  // (3)
      const auto row_of = [&](tile::Place at) -> const auto& { return row(slot * cols + at.j); };
      tile::finish_multiply<1>(s);
      const bool small = tile::are_below(score.small, s, k, q);
      const ScoreTile at{i0, j0, n, m, true, m == cols && score.plain(i0, j0, rows, small)};
      exponentiate(score, at, s, row_of);  // (2)
      tile::finish_multiply(d_p);
      differentiate(at, s, d_p, row_of);  // (4)
      score_operand.store(team, s, tile::Range::unit, n, m);
      tile::rows_arrive<Plan>(team);
      tile::mma<tile::Form::nn>(sum_v, score_operand, d_o, {n, problem.dv, m});
      tile::rows_arrive<Plan>(team);
      score_operand.store(team, d_p, tile::Range::any, n, m);
      tile::rows_arrive<Plan>(team);
      tile::mma<tile::Form::nn>(sum_k, score_operand, q, {n, problem.d, m});
      if constexpr (Plan::stages == 1) {
        team.team_barrier();
        load(i0 + cols);
      }
    }
    tile::store(d_v.slice(b, h), sum_v, Scalar(1), {j0, n, problem.dv});
    tile::store(d_k.slice(b, h), sum_k, problem.scale, {j0, n, problem.d});
  }
};

}  // namespace theria::sdpa

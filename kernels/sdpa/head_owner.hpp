// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"

namespace theria::sdpa {

/// One team: all of one (b, h), key tile by key tile; scores are transposed, a row of them is a key.
/// dV = Pᵀ dO, dK = scale·dSᵀ Q and dQ = scale·dS K, overwritten. Scores are made once where a query
/// owner and a key owner make them twice: five products instead of seven, for machines that have work
/// enough in whole heads. dQ is summed in its place, in order of the keys, so that it must be
/// stored as exactly as it is summed.
template <class Space, class Stored, int Depth>
struct HeadOwner {
  using Number = ArithmeticOf<Stored>;
  using Scalar = ScalarOf<Stored>;
  using Plan = tile::Plan<Space, Stored, Depth, 3, 3, 2, 1>;
  using KeyRows = tile::Operand<Plan, Number, Plan::rows, Plan::depth, tile::Role::stream>;
  using Statistics = tile::ScratchArray<RowStatistics<Number>, Plan::cols>;
  static constexpr int rows = Plan::rows, cols = Plan::cols;
  static constexpr auto transposed = tile::First::right_tangent;
  static_assert(Plan::stages == 1 && rows == cols, "a tile of dQ has the rows of a tile of keys");
  static constexpr std::size_t scratch = tile::scratch_request(
      2 * tile::Own<Plan>::bytes + KeyRows::bytes + 2 * tile::Stream<Plan>::bytes +
          tile::ScoreOperand<Plan>::bytes + Statistics::bytes,
      Plan::alignment);

  BackwardOperands<Space, Stored> in;
  Result<Stored> d_q, d_k, d_v;

  std::int64_t league() const { return std::int64_t(in.problem.b) * in.problem.h; }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const auto& problem = in.problem;
    const int b = team.league_rank() / problem.h, h = team.league_rank() % problem.h;
    const Visibility sees = problem.visibility(b);

    char* arena = tile::arena_of<Space, Plan::alignment>(team, scratch);
    tile::Own<Plan> k(arena), v(arena);
    KeyRows k_rows(arena);
    tile::Stream<Plan> q_tiles(arena), d_o_tiles(arena);
    tile::ScoreOperand<Plan> score_operand(arena);
    const Statistics row(arena);

    const auto q_source = in.q.select(b, h, problem.h), d_o_source = in.d_o.select(b, h, problem.h);
    const auto k_source = in.k.select(b, h, problem.h), v_source = in.v.select(b, h, problem.h);
    const tile::Window query_rows = problem.window(b, tile::Axis::queries);
    const Scores<Space, Stored> score{problem, in.bias, sees, b, h};
    tile::Accumulator<Plan> sum_q, sum_k, sum_v;
    sum_q.clear(rows, problem.d);
    for (int i0 = 0; i0 < problem.tq; i0 += cols)
      tile::store(d_q.slice(b, h), sum_q, Scalar(1), {i0, query_count(i0), problem.d});

    for (int j0 = 0; j0 < problem.tk; j0 += rows) {
      const int n = problem.tk - j0 < rows ? problem.tk - j0 : rows;
      const tile::Window keys = problem.window(b, tile::Axis::keys).at(j0);
      k.load(team, k_source, keys);
      v.load(team, v_source, keys);
      k_rows.load(team, k_source, keys);
      sum_k.clear(n, problem.d);
      sum_v.clear(n, problem.dv);
      const int seen = sees.key_length - j0 < n ? sees.key_length - j0 : n;
      const int first = sees.first_row_seeing(j0) / cols * cols;
      for (int i0 = first; i0 < problem.tq && seen > 0; i0 += cols) {
        const int m = query_count(i0);
        q_tiles.load(team, q_source, query_rows.at(i0));
        d_o_tiles.load(team, d_o_source, query_rows.at(i0));
        row.template load<Plan>(0, &in.statistics(b, h, i0), m);
        tile::arrive<Plan>(team);
        const auto q = q_tiles.loaded, d_o = d_o_tiles.loaded;

        tile::ScoreFragment<Plan> s, d_p;
        tile::begin_multiply<transposed>(s, k, q, {n, m, problem.d});       // (1)
        tile::begin_multiply<transposed>(d_p, v, d_o, {n, m, problem.dv});  // (3)
        const auto row_of = [&](tile::Place at) -> const auto& { return row(at.j); };
        tile::finish_multiply<1>(s);
        const bool small = tile::are_below(score.small, s, k, q);
        const ScoreTile at{i0, j0, n, m, true, score.plain(i0, j0, rows, small)};
        exponentiate(score, at, s, row_of);  // (2)
        tile::finish_multiply(d_p);
        differentiate(at, s, d_p, row_of);  // (4)
        score_operand.store(team, s, tile::Range::unit, n, m);
        tile::mma<tile::Form::nn>(sum_v, score_operand, d_o, {n, problem.dv, m});
        score_operand.store(team, d_p, tile::Range::any, n, m);
        tile::mma<tile::Form::nn>(sum_k, score_operand, q, {n, problem.d, m});
        tile::load(sum_q, d_q.slice(b, h), {i0, m, problem.d});
        tile::mma<tile::Form::tn>(sum_q, score_operand, k_rows, {m, problem.d, seen});
        tile::store(d_q.slice(b, h), sum_q, Scalar(1), {i0, m, problem.d});
      }
      tile::store(d_v.slice(b, h), sum_v, Scalar(1), {j0, n, problem.dv});
      tile::store(d_k.slice(b, h), sum_k, problem.scale, {j0, n, problem.d});
    }
    for (int i0 = 0; i0 < problem.tq; i0 += cols) {
      const tile::Target all{i0, query_count(i0), problem.d};
      tile::load(sum_q, d_q.slice(b, h), all);
      tile::store(d_q.slice(b, h), sum_q, problem.scale, all);
    }
  }

 private:
  KOKKOS_INLINE_FUNCTION int query_count(int i0) const {
    return in.problem.tq - i0 < cols ? in.problem.tq - i0 : cols;
  }
};

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"

namespace theria::sdpa {

/// One team: a tile (i, j) of one bias matrix. dbias = dS, summed in order over the batch elements
/// and heads that share the bias, overwritten; zero where masked.
template <class Space, class Stored, int Depth>
struct BiasOwner {
  using Number = ArithmeticOf<Stored>;
  using Scalar = ScalarOf<Stored>;
  using Plan = tile::Plan<Space, Stored, Depth, 0, 2, 2, 0>;
  using ScoreFragment = tile::ScoreFragment<Plan>;
  static constexpr int rows = Plan::rows, cols = Plan::cols;
  static constexpr std::size_t scratch = tile::scratch_request(
      2 * tile::Own<Plan>::bytes + 2 * tile::Stream<Plan>::bytes, Plan::alignment);

  BackwardOperands<Space, Stored> in;
  Result<Stored> d_bias;
  int bias_b, bias_h;  // extents of the bias: 1 or b, 1 or h

  KOKKOS_INLINE_FUNCTION int tiles_i() const { return (in.problem.tq + rows - 1) / rows; }
  KOKKOS_INLINE_FUNCTION int tiles_j() const { return (in.problem.tk + cols - 1) / cols; }
  std::int64_t league() const { return std::int64_t(bias_b) * bias_h * tiles_i() * tiles_j(); }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const auto& problem = in.problem;
    const int at_bias = team.league_rank() / (tiles_i() * tiles_j());
    const int i0 = team.league_rank() / tiles_j() % tiles_i() * rows;
    const int j0 = team.league_rank() % tiles_j() * cols;
    const int m = problem.tq - i0 < rows ? problem.tq - i0 : rows;
    const int n = problem.tk - j0 < cols ? problem.tk - j0 : cols;
    const int b0 = at_bias / bias_h, h0 = at_bias % bias_h;
    const int b_end = bias_b == 1 ? problem.b : b0 + 1, h_end = bias_h == 1 ? problem.h : h0 + 1;

    char* arena = tile::arena_of<Space, Plan::alignment>(team, scratch);
    tile::Own<Plan> q(arena), d_o(arena);
    tile::Stream<Plan> k_tiles(arena), v_tiles(arena);
    ScoreFragment sum;
    sum.clear(m, n);
    for (int b = bias_b == 1 ? 0 : b0; b < b_end; ++b)
      for (int h = bias_h == 1 ? 0 : h0; h < h_end; ++h) {
        const Visibility sees = problem.visibility(b);
        if (sees.limit(i0 + m - 1) <= j0) continue;
        const tile::Window queries = problem.window(b, tile::Axis::queries).at(i0);
        const tile::Window keys = problem.window(b, tile::Axis::keys).at(j0);
        const auto k_source = in.k.select(b, h, problem.h), v_source = in.v.select(b, h, problem.h);
        q.load(team, in.q.select(b, h, problem.h), queries);
        q.take_factor(problem.scale);
        d_o.load(team, in.d_o.select(b, h, problem.h), queries);
        k_tiles.load(team, k_source, keys);
        v_tiles.load(team, v_source, keys);
        tile::Rows<Plan, RowStatistics<Number>> row;
        tile::for_each_row<Plan>(m, [&](int r, int i) {
          row(r) = i < m ? in.statistics(b, h, i0 + i) : RowStatistics<Number>::unseen();
        });
        tile::arrive<Plan>(team);
        const auto k = k_tiles.loaded, v = v_tiles.loaded;
        ScoreFragment s, d_p;
        tile::begin_multiply(s, q, k, {m, n, problem.d});
        tile::begin_multiply(d_p, d_o, v, {m, n, problem.dv});
        const auto row_of = [&](tile::Place at) -> const auto& { return row(at.row); };
        tile::finish_multiply<1>(s);
        const ScoreTile at{i0, j0, m, n, false, false};
        exponentiate(Scores<Space, Stored>{problem, in.bias, sees, b, h}, at, s, row_of);
        tile::finish_multiply(d_p);
        differentiate(at, s, d_p, row_of);
        tile::for_each_place<typename ScoreFragment::Places>(
            m, n, [&](tile::Place at) { sum.set(at.n, sum.get(at.n) + d_p.get(at.n)); });
        team.team_barrier();
      }
    tile::store(d_bias.slice(b0, h0), sum, Scalar(1), {i0, m, n, j0});
  }
};

}  // namespace theria::sdpa

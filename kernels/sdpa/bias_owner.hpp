// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"

namespace theria::sdpa {

/// One team: a tile (i, j) of one bias matrix. dbias = dS, summed in order over the batch elements
/// and heads that share the bias, overwritten; zero where masked.
template <class Space, class Number, int Depth>
struct BiasOwner {
  using Tiles = BackwardTiles<Space, Number, Depth>;
  static constexpr int rows = Tiles::rows;
  static constexpr std::size_t scratch = tile::scratch_request(Tiles::bytes);

  BackwardOperands<Number> in;
  Result<Number> d_bias;
  int bias_b, bias_h;  // extents of the bias: 1 or b, 1 or h

  std::int64_t league() const {
    const std::int64_t tiles_i = (in.problem.tq + rows - 1) / rows;
    const std::int64_t tiles_j = (in.problem.tk + rows - 1) / rows;
    return std::int64_t(bias_b) * bias_h * tiles_i * tiles_j;
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const auto& problem = in.problem;
    const int tiles_i = (problem.tq + rows - 1) / rows, tiles_j = (problem.tk + rows - 1) / rows;
    const int at = team.league_rank() / (tiles_i * tiles_j);
    const int i0 = team.league_rank() / tiles_j % tiles_i * rows;
    const int j0 = team.league_rank() % tiles_j * rows;
    const int m = problem.tq - i0 < rows ? problem.tq - i0 : rows;
    const int n = problem.tk - j0 < rows ? problem.tk - j0 : rows;
    const int b0 = at / bias_h, h0 = at % bias_h;
    const int b_end = bias_b == 1 ? problem.b : b0 + 1, h_end = bias_h == 1 ? problem.h : h0 + 1;

    char* const start = tile::arena_of<Space>(team, scratch);
    typename Tiles::ScoreFragment sum;
    sum.clear();
    for (int b = bias_b == 1 ? 0 : b0; b < b_end; ++b)
      for (int h = bias_h == 1 ? 0 : h0; h < h_end; ++h) {
        char* arena = start;
        const Tiles tiles(in, arena, b, h);
        if (tiles.sees.limit(i0 + m - 1) <= j0) continue;
        tiles.load_queries(team, i0, m);
        tiles.load_keys(team, j0);
        team.team_barrier();
        tiles.for_each_score(team, i0, j0, m, n, [&](int, int, int e, Number, Number d_s) {
          set_element(sum, e, element(sum, e) + d_s);
        });
        team.team_barrier();
      }
    tile::store(team, d_bias.slice(b0, h0), sum, typename Tiles::Scalar(1), {i0, m, n, j0});
  }
};

}  // namespace theria::sdpa

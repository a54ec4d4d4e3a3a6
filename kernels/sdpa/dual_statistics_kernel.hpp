// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward_tiles.hpp"
#include "kernels/sdpa/key_tiles.hpp"
#include "kernels/sdpa/row_softmax.hpp"

namespace theria::sdpa {

/// The statistics of the HVP's rows. One team: a tile of query rows of one (b, h), all keys they see, online softmax on
/// dual numbers:
///
///     (1) S = scale·Q Kᵀ + bias   (2) P̃ = exp(S − shift)   (3) dP = dO Vᵀ
///     weight = 1/Σ_j P̃      δ = weight Σ_j P̃∘dP
///
/// which is rowsum(dO∘O) without O, and of the very dP that the backward pass takes δ from; the weight takes off
/// RowSoftmax's lift. The shift's tangent becomes the mean of Ṡ under P, so that the weight needs none.
template <class Space, class Stored, int Depth>
struct DualStatisticsKernel {
  using Number = ArithmeticOf<Stored>;
  using Scalar = ScalarOf<Stored>;
  using Plan = tile::Plan<Space, Stored, Depth, 0, 2, 2, 0>;
  using ScoreFragment = tile::ScoreFragment<Plan>;
  using Places = typename ScoreFragment::Places;
  using Sum = DeltaSum<Space, Scalar>;
  using Exchange = tile::ScratchArray<Scalar, Plan::rows * Plan::across>;
  static constexpr int rows = Plan::rows, cols = Plan::cols;
  static constexpr std::size_t scratch = tile::scratch_request(
      2 * tile::Own<Plan>::bytes + 2 * tile::Stream<Plan>::bytes + Exchange::bytes,
      Plan::alignment);

  BackwardOperands<Space, Stored> in;

  std::int64_t league() const { return OwnedTile::league(in.problem, in.problem.tq, rows); }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const auto& problem = in.problem;
    const OwnedTile own(problem.h, problem.tq, rows, team.league_rank());
    const int b = own.b, h = own.h, i0 = own.first, m = own.count;
    const Visibility sees = problem.visibility(b);

    char* arena = tile::arena_of<Space, Plan::alignment>(team, scratch);
    tile::Own<Plan> q(arena), d_o(arena);
    KeyTiles<Plan, tile::Source<Space, Stored>> keys(arena, problem, in.k, in.v, b, h,
                                                     sees.limit(i0 + m - 1));
    const Exchange exchange(arena);

    const tile::Window queries = problem.window(b, tile::Axis::queries).at(i0);
    q.load(team, in.q.select(b, h, problem.h), queries);
    q.take_factor(problem.scale);
    d_o.load(team, in.d_o.select(b, h, problem.h), queries);
    const Scores<Space, Stored> score{problem, in.bias, sees, b, h};
    RowSoftmax<Plan> softmax;
    tile::Rows<Plan, Sum> delta, delta_dot;  // this thread's share of Σ_j P̃∘dP
    delta.fill(0);
    delta_dot.fill(0);
    keys.load(team, 0);
    for (int j0 = 0; j0 < keys.end; j0 += cols) {
      const int n = keys.count(j0);
      tile::arrive<Plan>(team);
      const auto k = keys.k.loaded, v = keys.v.loaded;
      if constexpr (Plan::stages == 2) keys.load(team, j0 + cols);

      ScoreFragment s, d_p;
      tile::begin_multiply(s, q, k, {m, n, problem.d});       // (1)
      tile::begin_multiply(d_p, d_o, v, {m, n, problem.dv});  // (3)
      tile::finish_multiply<1>(s);
      if constexpr (Plan::stages == 1) {
        tile::finish_multiply(d_p);
        team.team_barrier();
        keys.load(team, j0 + cols);
      }
      score.finish(s, i0, j0, m, n, tile::are_below(score.small, s, q, k));
      tile::Rows<Plan, Number> rescale;
      softmax.update(team, s, exchange.data, m, n, rescale, Scalar(1), false);  // (2)
      if constexpr (Plan::stages > 1) tile::finish_multiply(d_p);
      tile::Rows<Plan, Sum> share, share_dot;
      share.fill(0);
      share_dot.fill(0);
      tile::for_each_place<Places>(m, n, [&](tile::Place at) {
        const Number p = s.get(at.n), x = d_p.get(at.n);
        share(at.row) = Kokkos::fma(Sum(p.value), Sum(x.value), share(at.row));
        share_dot(at.row) = Kokkos::fma(Sum(p.tangent), Sum(x.value), share_dot(at.row));
        share_dot(at.row) = Kokkos::fma(Sum(p.value), Sum(x.tangent), share_dot(at.row));
      });
      tile::for_each_row<Plan>(m, [&](int r, int) {
        const Sum factor = rescale(r).value, factor_dot = rescale(r).tangent;
        delta_dot(r) = factor * delta_dot(r) + factor_dot * delta(r) + share_dot(r);
        delta(r) = factor * delta(r) + share(r);
      });
    }
    softmax.finish(team, exchange.data, m);
    Sum* shared = nullptr;  // one thread, which is where Sum is another type, exchanges nothing
    if constexpr (std::is_same_v<Sum, Scalar>) shared = exchange.data;
    tile::gather_rows<Places, tile::Sum>(team, shared, delta);
    tile::gather_rows<Places, tile::Sum>(team, shared, delta_dot);
    tile::for_each_owned_row<Plan>(m, [&](int r, int i) {
      if (i >= m) return;
      const Number sum = softmax.sum(r);
      RowStatistics<Number> row = RowStatistics<Number>::unseen();
      if (sum.value != Scalar(0)) {
        const auto mean = Dual<Sum>{delta(r), delta_dot(r)} / Dual<Sum>{sum.value, sum.tangent};
        row.shift = softmax.shift(r) + Number{0, sum.tangent / sum.value};
        row.weight = softmax.lift / sum.value;
        row.delta = {static_cast<Scalar>(mean.value), static_cast<Scalar>(mean.tangent)};
      }
      in.statistics(b, h, i0 + i) = row;
    });
  }
};

}  // namespace theria::sdpa

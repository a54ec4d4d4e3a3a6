// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/mma.hpp"

namespace theria::sdpa {

/// What every backward kernel reads. With Number = Scalar they give the VJP, with Dual<Scalar> also
/// its tangent, the HVP:
///
///     (1) S = scale·Q Kᵀ + bias   (2) P = exp(S − lse)   (3) dP = dO Vᵀ   (4) dS = P∘(dP − δ)
///     dV = Pᵀ dO      dQ = scale·dS K      dK = scale·dSᵀ Q      dbias = dS
template <class Number>
struct BackwardOperands {
  Problem<ScalarOf<Number>> problem;
  Operand<Number> q, k, v, bias, d_o;
  RowField<Number> lse, delta;
};

/// The tiles of one (query tile, key tile) pair and the steps (1) to (4) on them.
template <class Space, class Number, int Depth>
struct BackwardTiles {
  using Scalar = ScalarOf<Number>;
  static constexpr int rows = tile::Plan<Space, Scalar, Depth>::rows;
  using FeatureTile = tile::ScratchTile<Space, Number, rows, Depth>;
  using ScoreTile = tile::ScratchTile<Space, Number, rows, rows>;
  using Rows = tile::ScratchRows<Number, rows>;
  using Accumulator = tile::Fragment<Space, Number, rows, Depth>;
  using ScoreFragment = tile::Fragment<Space, Number, rows, rows>;
  using Team = tile::Member<Space>;
  static constexpr std::size_t bytes = 4 * FeatureTile::bytes + 2 * Rows::bytes;

  const BackwardOperands<Number>& in;
  Visibility sees;
  int b, h;
  FeatureTile q, k, v, d_o;
  Rows lse, delta;

  KOKKOS_INLINE_FUNCTION BackwardTiles(const BackwardOperands<Number>& operands, char*& arena,
                                       int batch, int head)
      : in(operands),
        sees(operands.problem.visibility(batch)),
        b(batch),
        h(head),
        q(arena),
        k(arena),
        v(arena),
        d_o(arena),
        lse(arena),
        delta(arena) {}

  KOKKOS_INLINE_FUNCTION void load_queries(const Team& team, int i0, int m) const {
    const int from = sees.first_row(), to = in.problem.tq;
    tile::load(team, q, in.q.slice(b, h), {i0, m, in.problem.d, from, to});
    tile::load(team, d_o, in.d_o.slice(b, h), {i0, m, in.problem.dv, from, to});
    tile::for_each(team, m, [&](int i) {
      lse(i) = in.lse.get(b, h, i0 + i);
      delta(i) = in.delta.get(b, h, i0 + i);
    });
  }

  KOKKOS_INLINE_FUNCTION void load_keys(const Team& team, int j0) const {
    tile::load(team, k, in.k.slice(b, h), {j0, rows, in.problem.d, 0, sees.key_length});
    tile::load(team, v, in.v.slice(b, h), {j0, rows, in.problem.dv, 0, sees.key_length});
  }

  /// Calls use(i, j, e, P_ij, dS_ij) for every owned element e of the m x n tile pair at (i0, j0).
  template <class Function>
  KOKKOS_INLINE_FUNCTION void for_each_score(const Team& team, int i0, int j0, int m, int n,
                                             const Function& use) const {
    const Scores<Number> score{in.problem, in.bias, sees, b, h};
    ScoreFragment s, d_p;
    s.clear();
    d_p.clear();
    tile::mma<tile::Form::nt>(team, s, q, k, {m, n, in.problem.d});
    tile::mma<tile::Form::nt>(team, d_p, d_o, v, {m, n, in.problem.dv});
    tile::for_each_owned<ScoreFragment>(team, m, n, [&](int i, int j, int e) {
      const Number p = probability(score(element(s, e), i0 + i, j0 + j), lse(i));
      use(i, j, e, p, p * (element(d_p, e) - delta(i)));
    });
  }
};

}  // namespace theria::sdpa

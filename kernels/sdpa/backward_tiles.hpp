// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/sdpa/statistics.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/mma.hpp"

namespace theria::sdpa {

/// What every backward kernel reads. Where tensors hold Stored = Element they give the VJP, with
/// Dual<Element> also its tangent, the HVP:
///
///     (1) S = scale·Q Kᵀ + bias   (2) P = weight·exp(S − shift)   (3) dP = dO Vᵀ   (4) dS = P∘(dP − δ)
///     dV = Pᵀ dO      dQ = scale·dS K      dK = scale·dSᵀ Q      dbias = dS
template <class Space, class Stored>
struct BackwardOperands {
  Problem<ScalarOf<Stored>> problem;
  tile::Source<Space, Stored> q, k, v, d_o;
  Operand<Stored> bias;
  StatisticsField<ArithmeticOf<Stored>> statistics;
};

/// The tile of a pair of operands: its first query and key, its rows and columns in use, and whether its
/// rows are keys instead of queries.
struct ScoreTile {
  int i0, j0, rows, cols;
  bool transposed;
  bool plain;  // nothing in it is masked, no bias is added
};

/// (2): the fragment `s` of q·k becomes P. `row(place)`: the statistics of the place's query.
template <class Space, class Stored, class Fragment, class Row>
KOKKOS_INLINE_FUNCTION void exponentiate(const Scores<Space, Stored>& score, const ScoreTile& tile,
                                         Fragment& s, const Row& row) {
  using Number = ArithmeticOf<Stored>;
  using Places = typename Fragment::Places;
  const auto p = [&](tile::Place at, Number scored) {
    const RowStatistics<Number>& r = row(at);
    s.set(at.n, r.weighted(exponential<Space>(scored - r.shift)));
  };
  if (tile.plain) [[likely]] {
    tile::for_each_place<Places>(tile.rows, tile.cols,
                                 [&](tile::Place at) { p(at, score.unmasked(s.get(at.n))); });
  } else {
    tile::for_each_place<Places>(tile.rows, tile.cols, [&](tile::Place at) {
      const int i = tile.transposed ? at.j : at.i, j = tile.transposed ? at.i : at.j;
      p(at, score(s.get(at.n), tile.i0 + i, tile.j0 + j));
    });
  }
  s.made();
}

/// (4): the fragment `d_p` of dO·v becomes dS.
template <class Fragment, class Row>
KOKKOS_INLINE_FUNCTION void differentiate(const ScoreTile& tile, const Fragment& p, Fragment& d_p,
                                          const Row& row) {
  tile::for_each_place<typename Fragment::Places>(tile.rows, tile.cols, [&](tile::Place at) {
    d_p.set(at.n, p.get(at.n) * (d_p.get(at.n) - row(at).delta));
  });
  d_p.made();
}

}  // namespace theria::sdpa

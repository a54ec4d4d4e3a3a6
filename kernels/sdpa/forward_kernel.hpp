// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/mma.hpp"

namespace theria::sdpa {

/// The shift M_i of row i of the scores after one more tile: P = exp(S − M). Its value is the running
/// maximum, so that exp never overflows. Its tangent is the running mean of Ṡ under P, so that the
/// two terms of Ȯ = (P∘Ṡ)V − μO do not cancel when Ṡ has a large row-constant part. Both choices
/// are free: the output does not depend on M, nor its tangent on M's.
template <class Number, class Tile>
KOKKOS_INLINE_FUNCTION Number next_shift(Number shift, Number sum, const Tile& s, int i, int cols) {
  using Scalar = ScalarOf<Number>;
  Scalar maximum = value_of(shift);
  for (int j = 0; j < cols; ++j) {
    const Scalar x = value_of(s.get(i, j));
    maximum = x > maximum ? x : maximum;
  }
  if constexpr (!is_dual<Number>) {
    return maximum;
  } else {
    if (maximum == minus_infinity<Scalar>) return shift;
    const Scalar rescale = Kokkos::exp(shift.value - maximum);
    Scalar weight = rescale * sum.value, excess = rescale * sum.tangent;
    for (int j = 0; j < cols; ++j) {
      const Number x = s.get(i, j);
      const Scalar p = Kokkos::exp(x.value - maximum);
      weight += p;
      excess += p * (x.tangent - shift.tangent);
    }
    return {maximum, shift.tangent + excess / weight};
  }
}

/// One team: one tile of query rows of one (b, h), all keys, online softmax.
/// With Number = Scalar this is the forward operator, with Dual<Scalar> the JVP:
///
///     (1) S = scale·Q Kᵀ + bias   (2) P = exp(S − M)   (3) l = Σ_j P   (4) O = P V / l   lse = M + log l
template <class Space, class Number, int Depth>
struct ForwardKernel {
  using Scalar = ScalarOf<Number>;
  static constexpr int rows = tile::Plan<Space, Scalar, Depth>::rows;
  using FeatureTile = tile::ScratchTile<Space, Number, rows, Depth>;
  using ScoreTile = tile::ScratchTile<Space, Number, rows, rows>;
  using Rows = tile::ScratchRows<Number, rows>;
  static constexpr std::size_t scratch =
      tile::scratch_request(3 * FeatureTile::bytes + ScoreTile::bytes + 3 * Rows::bytes);

  Problem<Scalar> problem;
  Operand<Number> q, k, v, bias;
  Result<Number> o;
  RowField<Number> lse;

  std::int64_t league() const {
    return std::int64_t(problem.b) * problem.h * ((problem.tq + rows - 1) / rows);
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const int tiles = (problem.tq + rows - 1) / rows;
    const int bh = team.league_rank() / tiles, b = bh / problem.h, h = bh % problem.h;
    const int i0 = team.league_rank() % tiles * rows;
    const int m = problem.tq - i0 < rows ? problem.tq - i0 : rows;
    const Visibility sees = problem.visibility(b);
    const Scores<Number> score{problem, bias, sees, b, h};

    char* arena = tile::arena_of<Space>(team, scratch);
    const FeatureTile q_tile(arena), k_tile(arena), v_tile(arena);
    const ScoreTile p(arena);
    const Rows shift(arena), sum(arena), rescale(arena);

    tile::load(team, q_tile, q.slice(b, h), {i0, m, problem.d, sees.first_row(), problem.tq});
    tile::for_each(team, m, [&](int i) {
      shift(i) = Scores<Number>::masked();
      sum(i) = Number{};
    });
    tile::Fragment<Space, Number, rows, Depth> output;
    output.clear();

    const int keys = sees.limit(i0 + m - 1);
    for (int j0 = 0; j0 < keys; j0 += rows) {
      const int n = keys - j0 < rows ? keys - j0 : rows;
      tile::load(team, k_tile, k.slice(b, h), {j0, rows, problem.d, 0, sees.key_length});
      tile::load(team, v_tile, v.slice(b, h), {j0, rows, problem.dv, 0, sees.key_length});
      team.team_barrier();

      // (1)
      tile::Fragment<Space, Number, rows, rows> s;
      s.clear();
      tile::mma<tile::Form::nt>(team, s, q_tile, k_tile, {m, n, problem.d});
      tile::for_each_owned<decltype(s)>(team, m, n, [&](int i, int j, int e) {
        p.set(i, j, score(element(s, e), i0 + i, j0 + j));
      });
      team.team_barrier();

      // (2) with the new shift; what was summed so far is rescaled to it
      tile::for_each(team, m, [&](int i) {
        const Number next = next_shift(shift(i), sum(i), p, i, n);
        rescale(i) = value_of(next) == minus_infinity<Scalar> ? Number{1} : exp(shift(i) - next);
        shift(i) = next;
      });
      team.team_barrier();
      tile::for_each_owned<decltype(s)>(
          team, m, n, [&](int i, int j, int) { p.set(i, j, probability(p.get(i, j), shift(i))); });
      team.team_barrier();

      // (3)
      tile::for_each(team, m, [&](int i) {
        Number total = sum(i) * rescale(i);
        for (int j = 0; j < n; ++j) total = total + p.get(i, j);
        sum(i) = total;
      });
      // (4)
      tile::for_each_owned<decltype(output)>(team, m, problem.dv, [&](int i, int, int e) {
        set_element(output, e, element(output, e) * rescale(i));
      });
      tile::mma<tile::Form::nn>(team, output, p, v_tile, {m, problem.dv, n});
      team.team_barrier();
    }

    team.team_barrier();
    tile::for_each_owned<decltype(output)>(team, m, problem.dv, [&](int i, int, int e) {
      const bool empty = value_of(sum(i)) == Scalar(0);
      set_element(output, e, empty ? Number{} : element(output, e) / sum(i));
    });
    tile::store(team, o.slice(b, h), output, Scalar(1), {i0, m, problem.dv});
    tile::for_each(team, m, [&](int i) {
      const bool empty = value_of(sum(i)) == Scalar(0);
      lse.set(b, h, i0 + i, empty ? Scores<Number>::masked() : shift(i) + log(sum(i)));
    });
  }
};

}  // namespace theria::sdpa

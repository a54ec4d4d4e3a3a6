// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/tile/reduce.hpp"

namespace theria::sdpa {

/// The online softmax of the rows of a team: after some tiles of keys, P̃ = exp(S − shift) and
/// sum = Σ P̃ over the keys so far.
///
/// The shift's value is the running maximum, so that exp never overflows. Its tangent is the running
/// mean of Ṡ under P̃, so that the two terms of Ȯ = (P∘Ṡ)V − μO do not cancel when Ṡ has a large
/// row-constant part. Both choices are free: the output does not depend on the shift, nor its tangent
/// on the shift's.
template <class Plan>
struct RowSoftmax {
  using Number = typename Plan::Number;
  using Scalar = typename Plan::Scalar;
  using Space = typename Plan::Space;
  using Places = typename tile::ScoreFragment<Plan>::Places;

  tile::Rows<Plan, Number> shift;
  tile::Rows<Plan, Number> sum;  // this thread's share, until finish()

  KOKKOS_INLINE_FUNCTION RowSoftmax() {
    shift.fill(Scores<Number>::masked());
    sum.fill(Number{});
    m_mass.fill(Scalar(0));
  }

  /// Scores of one more tile become P̃ with the new shift; `rescale` takes what was summed with the
  /// old one to it.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void update(const Team& team, tile::ScoreFragment<Plan>& s,
                                     Scalar* exchange, int m, int n,
                                     tile::Rows<Plan, Number>& rescale) {
    tile::Rows<Plan, Scalar> top;
    tile::for_each_row<Plan>(m, [&](int r, int) { top(r) = value_of(shift(r)); });
    tile::reduce_rows<Places, tile::Max>(
        team, exchange, m, n, [&](tile::Place at) { return value_of(s.get(at.n)); }, top);
    // A row without a key so far keeps the shift −∞; zero stands for it, so that exp(−∞ − 0) = 0.
    tile::Rows<Plan, Scalar> finite;
    tile::for_each_row<Plan>(
        m, [&](int r, int) { finite(r) = top(r) == minus_infinity<Scalar> ? Scalar(0) : top(r); });
    if constexpr (is_dual<Number>) {
      update_dual(team, s, exchange, m, n, top, finite, rescale);
    } else {
      tile::for_each_place<Places>(m, n, [&](tile::Place at) {
        s.element[at.n] = tile::exponential<Space>(s.element[at.n] - finite(at.row));
      });
      tile::for_each_row<Plan>(m, [&](int r, int) {
        rescale(r) = tile::exponential<Space>(shift(r) - finite(r));
        shift(r) = top(r);
      });
    }
    tile::for_each_row<Plan>(m, [&](int r, int) { sum(r) = sum(r) * rescale(r); });
    tile::for_each_place<Places>(m, n,
                                 [&](tile::Place at) { sum(at.row) = sum(at.row) + s.get(at.n); });
  }

  /// Whether `rescale` changes anything. A tangent's shift moves with every tile.
  KOKKOS_INLINE_FUNCTION static bool moved(const tile::Rows<Plan, Number>& rescale, int m) {
    if constexpr (is_dual<Number>) {
      return true;
    } else {
      return tile::any_row<Plan>(m, [&](int r) { return rescale(r) != Number(1); });
    }
  }

  /// `sum` becomes that of the whole row.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void finish(const Team& team, Scalar* exchange, int m) {
    if constexpr (is_dual<Number>) {
      tile::Rows<Plan, Scalar> value, tangent;
      tile::for_each_row<Plan>(m, [&](int r, int) {
        value(r) = sum(r).value;
        tangent(r) = sum(r).tangent;
      });
      tile::gather_rows<Places, tile::Sum>(team, exchange, value);
      tile::gather_rows<Places, tile::Sum>(team, exchange, tangent);
      tile::for_each_row<Plan>(m, [&](int r, int) { sum(r) = {value(r), tangent(r)}; });
    } else {
      tile::gather_rows<Places, tile::Sum>(team, exchange, sum);
    }
  }

 private:
  template <class Team>
  KOKKOS_INLINE_FUNCTION void update_dual(const Team& team, tile::ScoreFragment<Plan>& s,
                                          Scalar* exchange, int m, int n,
                                          const tile::Rows<Plan, Scalar>& top,
                                          const tile::Rows<Plan, Scalar>& finite,
                                          tile::Rows<Plan, Number>& rescale) {
    auto& p = s.value.element;
    auto& s_dot = s.tangent.element;
    tile::for_each_place<Places>(m, n, [&](tile::Place at) {
      p[at.n] = tile::exponential<Space>(p[at.n] - finite(at.row));
    });
    const auto weight =
        tile::row_sum<Places, Plan>(team, exchange, m, n, [&](tile::Place at) { return p[at.n]; });
    const auto excess = tile::row_sum<Places, Plan>(team, exchange, m, n, [&](tile::Place at) {
      return p[at.n] * (s_dot[at.n] - shift(at.row).tangent);
    });
    // The shift follows the mean as rounding allows; how far it is off is in sum's tangent, which is
    // summed of the very numbers that the output is made of.
    tile::for_each_row<Plan>(m, [&](int r, int) {
      const Scalar factor = tile::exponential<Space>(shift(r).value - finite(r));
      m_mass(r) = factor * m_mass(r) + weight(r);
      const Scalar step = m_mass(r) == Scalar(0) ? Scalar(0) : excess(r) / m_mass(r);
      rescale(r) = {factor, -factor * step};
      shift(r) = {top(r), shift(r).tangent + step};
    });
    tile::for_each_place<Places>(m, n, [&](tile::Place at) {
      s_dot[at.n] = p[at.n] * (s_dot[at.n] - shift(at.row).tangent);
    });
  }

  tile::Rows<Plan, Scalar> m_mass;  // Σ P̃ of the whole row, for the mean
};

}  // namespace theria::sdpa

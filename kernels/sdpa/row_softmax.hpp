// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/tile/operand.hpp"

namespace theria::sdpa {

/// The online softmax of the rows of a team: after some tiles of keys, P̃ = lift·exp(S − shift) and
/// sum = Σ P̃ over the keys so far.
///
/// The shift's value is a score of the row that none exceeds by more than `slack`, so that exp never overflows. Its
/// tangent is the running mean of Ṡ under P̃, so that the two terms of Ȯ = (P∘Ṡ)V − μO do not cancel when Ṡ has a
/// large row-constant part. Both choices are free: the output does not depend on the shift, nor its tangent
/// on the shift's.
template <class Plan>
struct RowSoftmax {
  using Number = typename Plan::Number;
  using Scalar = typename Plan::Scalar;
  using Space = typename Plan::Space;
  using Places = typename tile::ScoreFragment<Plan>::Places;

  /// What the format of products has room for: where there is some, sums are seldom rescaled. Numbers of eleven bits
  /// are lifted into the format's range, which is their scale.
  static constexpr bool scaled = Plan::Format::scaled, lifted = scaled && Plan::Format::planes == 1;
  // A bfloat16 has a float's range: P̃ may be as large without being lifted.
  static constexpr bool ranging = Plan::Format::takes_factor && !scaled;
  static constexpr Scalar ln_2 = Scalar(0.693147181);
  static constexpr Scalar slack = lifted || ranging ? 7 * ln_2
                                  : scaled          ? Scalar(1.9375) * ln_2
                                                    : Scalar(0);
  static constexpr int log2_lift = lifted ? 8 : 0;
  static constexpr Scalar lift = Scalar(1 << log2_lift);
  static constexpr tile::Range range = lifted || ranging ? tile::Range::scaled : tile::Range::unit;

  tile::Rows<Plan, Number> shift;
  tile::Rows<Plan, Number> sum;  // this thread's share, until finish()

  KOKKOS_INLINE_FUNCTION RowSoftmax() {
    shift.fill(Scores<Space, Number>::masked());
    m_top.fill(minus_infinity<Scalar>);
    sum.fill(Number{});
    m_mass.fill(Scalar(0));
  }

  /// Scores of one more tile become P̃ with the new shift, times `room`, a power of two; `rescale` takes what was
  /// summed with the old one to it. `plain`: what finish() of the scores said.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void update(const Team& team, tile::ScoreFragment<Plan>& s,
                                     Scalar* exchange, int m, int n,
                                     tile::Rows<Plan, Number>& rescale, Scalar room, bool plain) {
    tile::Rows<Plan, Scalar> top = top_of(team, s, exchange, m, n);
    tile::for_each_row<Plan>(
        m, [&](int r, int) { m_top(r) = top(r) - m_top(r) > slack ? top(r) : m_top(r); });
    // A row without a key so far keeps the shift −∞; zero stands for it, so that exp(−∞ − 0) = 0.
    tile::Rows<Plan, Scalar> finite;
    tile::for_each_row<Plan>(m, [&](int r, int) {
      finite(r) = m_top(r) == minus_infinity<Scalar> ? Scalar(0) : m_top(r);
    });
    if constexpr (is_dual<Number>) {
      update_dual(team, s, exchange, m, n, finite, rescale);
    } else if constexpr (Plan::direct) {
      update_direct(s, m, n, finite, rescale, room, plain);
    } else {
      update_plain(s, m, n, finite, rescale);
    }
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

  /// log Σ exp S, of a row that sees a key.
  KOKKOS_INLINE_FUNCTION Number log_sum(int r) const { return shift(r) + log((1 / lift) * sum(r)); }

 private:
  /// The largest score of each row, or what the shift goes by.
  template <class Team>
  KOKKOS_INLINE_FUNCTION tile::Rows<Plan, Scalar> top_of(const Team& team,
                                                         const tile::ScoreFragment<Plan>& s,
                                                         Scalar* exchange, int m, int n) const {
    const auto& score = tile::values_of(s);
    tile::Rows<Plan, Scalar> top;
    if constexpr (Plan::direct) {
      top.fill(minus_infinity<Scalar>);
    } else {
      tile::for_each_row<Plan>(m, [&](int r, int) { top(r) = m_top(r); });
    }
    tile::reduce_rows<Places, tile::Max>(
        team, exchange, m, n, [&](tile::Place at) { return score.element[at.n]; }, top);
    if constexpr (Plan::direct)
      tile::for_each_row<Plan>(
          m, [&](int r, int) { top(r) = tile::Max()(m_top(r), score.unit * top(r)); });
    return top;
  }

  KOKKOS_INLINE_FUNCTION void update_plain(tile::ScoreFragment<Plan>& s, int m, int n,
                                           const tile::Rows<Plan, Scalar>& finite,
                                           tile::Rows<Plan, Number>& rescale) {
    tile::for_each_place<Places>(
        m, n, [&](tile::Place at) { s.element[at.n] = raised(s.element[at.n] - finite(at.row)); });
    tile::for_each_row<Plan>(m, [&](int r, int) {
      rescale(r) = tile::exponential<Space>(shift(r) - finite(r));
      shift(r) = m_top(r);
    });
    add_up(s, m, n, rescale);
  }

  KOKKOS_INLINE_FUNCTION void add_up(const tile::ScoreFragment<Plan>& s, int m, int n,
                                     const tile::Rows<Plan, Number>& rescale) {
    tile::for_each_row<Plan>(m, [&](int r, int) { sum(r) = sum(r) * rescale(r); });
    tile::for_each_place<Places>(m, n,
                                 [&](tile::Place at) { sum(at.row) = sum(at.row) + s.get(at.n); });
  }

  /// The same of scores in a unit, where products have eleven bits or are bfloat16's, and times `room`.
  KOKKOS_INLINE_FUNCTION void update_direct(tile::ScoreFragment<Plan>& s, int m, int n,
                                            const tile::Rows<Plan, Scalar>& finite,
                                            tile::Rows<Plan, Number>& rescale, Scalar room,
                                            bool plain) {
    const Scalar unit = s.unit, exponent = log2_lift + tile::exponent_of(room);
    tile::Rows<Plan, Scalar> mass;
    mass.fill(Scalar(0));
    const auto take = [&](tile::Place at, Scalar log2_p) {
      s.element[at.n] = tile::power_of_two<Space>(log2_p);
      mass(at.row) += s.element[at.n];
    };
    if (ranging && plain) [[likely]] {
      // One multiply-add, wrong by the rounding of the second product: the same for a row, and far below that of P.
      tile::for_each_place<Places>(m, n, [&](tile::Place at) {
        take(at, Kokkos::fma(s.element[at.n], unit * log2_e, -(finite(at.row) * log2_e)));
      });
    } else {
      tile::for_each_place<Places>(m, n, [&](tile::Place at) {
        const Scalar x = Kokkos::fma(s.element[at.n], unit, -finite(at.row));
        take(at, Kokkos::fma(x, log2_e, exponent));
      });
    }
    s.made();
    tile::for_each_row<Plan>(m, [&](int r, int) {
      rescale(r) = tile::exponential<Space>(shift(r) - finite(r));
      shift(r) = m_top(r);
      sum(r) = Kokkos::fma(sum(r), rescale(r), mass(r) / room);
    });
  }

  static constexpr Scalar log2_e = Scalar(1.44269504088896341);
  /// lift·e^x.
  KOKKOS_FORCEINLINE_FUNCTION static Scalar raised(Scalar x) {
    if constexpr (lifted) {
      return tile::power_of_two<Space>(Kokkos::fma(x, log2_e, Scalar(log2_lift)));
    } else {
      return tile::exponential<Space>(x);
    }
  }

  template <class Team>
  KOKKOS_INLINE_FUNCTION void update_dual(const Team& team, tile::ScoreFragment<Plan>& s,
                                          Scalar* exchange, int m, int n,
                                          const tile::Rows<Plan, Scalar>& finite,
                                          tile::Rows<Plan, Number>& rescale) {
    auto& p = s.value.element;
    auto& s_dot = s.tangent.element;
    const Scalar unit = s.value.get_unit(), unit_dot = s.tangent.get_unit();
    tile::for_each_place<Places>(m, n, [&](tile::Place at) {
      p[at.n] = raised(unit * p[at.n] - finite(at.row));
      s_dot[at.n] *= unit_dot;
    });
    s.made();
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
      shift(r) = {m_top(r), shift(r).tangent + step};
    });
    tile::for_each_place<Places>(m, n, [&](tile::Place at) {
      s_dot[at.n] = p[at.n] * (s_dot[at.n] - shift(at.row).tangent);
    });
    add_up(s, m, n, rescale);
  }

  tile::Rows<Plan, Scalar> m_top;   // the score that the shift goes by
  tile::Rows<Plan, Scalar> m_mass;  // Σ P̃ of the whole row, for the mean
};

}  // namespace theria::sdpa

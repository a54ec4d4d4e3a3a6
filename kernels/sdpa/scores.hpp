// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/field.hpp"
#include "kernels/sdpa/problem.hpp"
#include "kernels/tile/exponential.hpp"

namespace theria::sdpa {

template <class Scalar>
inline constexpr Scalar minus_infinity = -Kokkos::Experimental::infinity_v<Scalar>;

/// Turns q·k into S = scale·q·k + bias for one (b, h); masked keys get −∞ with tangent 0. −∞ means
/// masked and nothing else: a score that overflows to it becomes NaN, which reaches the results.
template <class Space, class Stored>
struct Scores {
  using Number = ArithmeticOf<Stored>;
  using Scalar = ScalarOf<Stored>;
  /// Operands that take a factor bring `scale`.
  static constexpr bool bounded = tile::Format<Space, ElementOf<Stored>>::takes_factor;
  /// Scores below it do not overflow, and their rounding stays far below 1, with bfloat16 far below that of P.
  static constexpr float small = tile::Format<Space, ElementOf<Stored>>::scaled ? 1 << 22 : 1 << 12;
  Problem<Scalar> problem;
  Operand<Stored> bias;
  Visibility visibility;
  int b, h;

  /// Whether no key of the tile of queries [i0, i0 + m) and keys [j0, j0 + n) is masked for any of its
  /// queries, no bias is added and, where it can be known, scores are `small`.
  KOKKOS_INLINE_FUNCTION bool plain(int i0, int j0, int n, bool are_small) const {
    return bias.value.data == nullptr && j0 + n <= visibility.limit(i0) &&
           (!bounded || (are_small && problem.scale > 0));
  }

  /// In a plain tile.
  KOKKOS_INLINE_FUNCTION Number unmasked(Number product) const {
    if constexpr (bounded) {
      return product;
    } else {
      const Number s = problem.scale * product;
      return value_of(s) == minus_infinity<Scalar> ? overflowed() : s;
    }
  }

  KOKKOS_INLINE_FUNCTION Number operator()(Number product, int i, int j) const {
    Number s = bounded ? product : problem.scale * product;
    if (i >= problem.tq || j >= visibility.limit(i)) return masked();
    if (bias.value.data != nullptr) {
      const Number offset = bias.get(b, h, i, j);
      if (value_of(offset) == minus_infinity<Scalar>) return masked();
      s = s + offset;
    }
    return value_of(s) == minus_infinity<Scalar> ? overflowed() : s;
  }

  /// A fragment of products becomes one of scores; of m queries from i0 on and n keys from j0 on. Returns whether it is
  /// plain.
  template <class Fragment>
  KOKKOS_INLINE_FUNCTION bool finish(Fragment& s, int i0, int j0, int m, int n,
                                     bool are_small) const {
    using Places = typename Fragment::Places;
    const bool is_plain = plain(i0, j0, Fragment::Plan::cols, are_small);
    if (is_plain) [[likely]] {
      if constexpr (!bounded)
        tile::for_each_place<Places>(m, n,
                                     [&](tile::Place at) { s.set(at.n, unmasked(s.get(at.n))); });
    } else {
      tile::for_each_place<Places>(
          m, n, [&](tile::Place at) { s.set(at.n, (*this)(s.get(at.n), i0 + at.i, j0 + at.j)); });
      s.made();
    }
    return is_plain;
  }

  KOKKOS_INLINE_FUNCTION static Number masked() {
    if constexpr (is_dual<Number>) {
      return {minus_infinity<Scalar>, Scalar(0)};
    } else {
      return minus_infinity<Scalar>;
    }
  }

  KOKKOS_INLINE_FUNCTION static Number overflowed() {
    const Scalar nan = Kokkos::Experimental::quiet_NaN_v<Scalar>;
    if constexpr (is_dual<Number>) {
      return {nan, nan};
    } else {
      return nan;
    }
  }
};

/// exp(x), on dual numbers with its tangent.
template <class Space, class Number>
KOKKOS_FORCEINLINE_FUNCTION Number exponential(Number x) {
  if constexpr (is_dual<Number>) {
    const auto e = tile::exponential<Space>(x.value);
    return {e, e * x.tangent};
  } else {
    return tile::exponential<Space>(x);
  }
}

}  // namespace theria::sdpa

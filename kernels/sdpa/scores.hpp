// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/field.hpp"
#include "kernels/sdpa/problem.hpp"

namespace theria::sdpa {

template <class Scalar>
inline constexpr Scalar minus_infinity = -Kokkos::Experimental::infinity_v<Scalar>;

/// Turns q·k into S = scale·q·k + bias for one (b, h); masked keys get −∞ with tangent 0. −∞ means
/// masked and nothing else: a score that overflows to it becomes NaN, which reaches the results.
template <class Number>
struct Scores {
  using Scalar = ScalarOf<Number>;
  Problem<Scalar> problem;
  Operand<Number> bias;
  Visibility visibility;
  int b, h;

  KOKKOS_INLINE_FUNCTION Number operator()(Number product, int i, int j) const {
    Number s = problem.scale * product;
    if (j >= visibility.limit(i)) return masked();
    if (bias.value.data != nullptr) {
      const Number offset = bias.get(b, h, i, j);
      if (value_of(offset) == minus_infinity<Scalar>) return masked();
      s = s + offset;
    }
    return value_of(s) == minus_infinity<Scalar> ? overflowed() : s;
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

/// P_ij = exp(S_ij − shift_i), zero for a masked key whatever the shift.
template <class Number>
KOKKOS_INLINE_FUNCTION Number probability(Number s, Number shift) {
  if (value_of(s) == minus_infinity<ScalarOf<Number>>) return Number{};
  return exp(s - shift);
}

}  // namespace theria::sdpa

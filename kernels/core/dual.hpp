// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>

#include "kernels/core/narrow.hpp"

namespace theria {

/// A number with its tangent: value + tangent ε with ε² = 0. The kernels' texts are written once on
/// a type `Number`; with Scalar they give the value, with Dual<Scalar> the value and its derivative.
template <class Scalar>
struct Dual {
  Scalar value{};
  Scalar tangent{};

  friend KOKKOS_INLINE_FUNCTION Dual operator+(Dual x, Dual y) {
    return {x.value + y.value, x.tangent + y.tangent};
  }
  friend KOKKOS_INLINE_FUNCTION Dual operator-(Dual x, Dual y) {
    return {x.value - y.value, x.tangent - y.tangent};
  }
  friend KOKKOS_INLINE_FUNCTION Dual operator*(Dual x, Dual y) {
    return {x.value * y.value, Kokkos::fma(x.value, y.tangent, x.tangent * y.value)};
  }
  friend KOKKOS_INLINE_FUNCTION Dual operator*(Scalar c, Dual x) {
    return {c * x.value, c * x.tangent};
  }
  friend KOKKOS_INLINE_FUNCTION Dual operator/(Dual x, Dual y) {
    const Scalar quotient = x.value / y.value;
    return {quotient, (x.tangent - quotient * y.tangent) / y.value};
  }
};

template <class Scalar>
KOKKOS_INLINE_FUNCTION Dual<Scalar> exp(Dual<Scalar> x) {
  const Scalar e = Kokkos::exp(x.value);
  return {e, e * x.tangent};
}

template <class Scalar>
KOKKOS_INLINE_FUNCTION Dual<Scalar> log(Dual<Scalar> x) {
  return {Kokkos::log(x.value), x.tangent / x.value};
}

KOKKOS_INLINE_FUNCTION float exp(float x) { return Kokkos::exp(x); }
KOKKOS_INLINE_FUNCTION double exp(double x) { return Kokkos::exp(x); }
KOKKOS_INLINE_FUNCTION float log(float x) { return Kokkos::log(x); }
KOKKOS_INLINE_FUNCTION double log(double x) { return Kokkos::log(x); }

/// The part of a number that decides branches: masks, maxima.
template <class Scalar>
KOKKOS_INLINE_FUNCTION Scalar value_of(Dual<Scalar> x) {
  return x.value;
}
KOKKOS_INLINE_FUNCTION float value_of(float x) { return x; }
KOKKOS_INLINE_FUNCTION double value_of(double x) { return x; }

/// Of a type Number that a kernel is written on: what its tensors hold (Element: float, double, Narrow or
/// Brain), what arithmetic is done in (Scalar), and Arithmetic, the Number of Scalars.
template <class Number>
struct NumberTraits {
  using Element = Number;
  using Scalar = Number;
  using Arithmetic = Number;
  static constexpr bool dual = false;
};
template <class E>
requires is_narrow<E>
struct NumberTraits<E> {
  using Element = E;
  using Scalar = float;
  using Arithmetic = float;
  static constexpr bool dual = false;
};
template <class E>
struct NumberTraits<Dual<E>> {
  using Element = E;
  using Scalar = typename NumberTraits<E>::Scalar;
  using Arithmetic = Dual<Scalar>;
  static constexpr bool dual = true;
};
template <class Number>
using ElementOf = typename NumberTraits<Number>::Element;
template <class Number>
using ScalarOf = typename NumberTraits<Number>::Scalar;
template <class Number>
using ArithmeticOf = typename NumberTraits<Number>::Arithmetic;
template <class Number>
inline constexpr bool is_dual = NumberTraits<Number>::dual;

}  // namespace theria

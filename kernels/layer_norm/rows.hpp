// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/dual.hpp"
#include "kernels/layer_norm/arguments.hpp"
#include "kernels/tile/rows.hpp"

namespace theria::layer_norm {

/// 1/√x
template <class Scalar>
KOKKOS_INLINE_FUNCTION Dual<Scalar> inverse_root(Dual<Scalar> x) {
  const Scalar value = 1 / Kokkos::sqrt(x.value);
  return {value, Scalar(-0.5) * value / x.value * x.tangent};
}
KOKKOS_INLINE_FUNCTION float inverse_root(float x) { return 1 / Kokkos::sqrt(x); }
KOKKOS_INLINE_FUNCTION double inverse_root(double x) { return 1 / Kokkos::sqrt(x); }

/// Numbers of an array: values alone, or with tangents, zero where there are none.
template <class Number, int Rank>
struct Field {
  Array<const Number, Rank> value;
  template <class... Index>
  KOKKOS_INLINE_FUNCTION Number operator()(Index... index) const {
    return value(index...);
  }
};

template <class Scalar, int Rank>
struct Field<Dual<Scalar>, Rank> {
  Array<const Scalar, Rank> value, tangent;
  template <class... Index>
  KOKKOS_INLINE_FUNCTION Dual<Scalar> operator()(Index... index) const {
    return {value(index...), tangent.data == nullptr ? Scalar(0) : tangent(index...)};
  }
};

/// One row's statistics:  (1) μ = mean_c x_c   (2) s = 1/√(mean_c (x_c − μ)² + ε)
/// `Threads` share the columns.
template <class Number>
struct Row {
  using Scalar = ScalarOf<Number>;
  Number mean{}, inverse{};

  KOKKOS_INLINE_FUNCTION Row(Number m, Number s) : mean(m), inverse(s) {}
  template <class Threads>
  KOKKOS_INLINE_FUNCTION Row(Threads, const Field<Number, 3>& x, std::int64_t n, std::int64_t r,
                             std::int64_t columns) {
    const Scalar share = Scalar(1) / Scalar(columns);
    for (std::int64_t c = Threads::first(); c < columns; c += Threads::count)
      mean = mean + x(n, r, c);
    mean = share * Threads::sum(mean);
    Number square{};
    for (std::int64_t c = Threads::first(); c < columns; c += Threads::count) {
      const Number off = x(n, r, c) - mean;
      square = square + off * off;
    }
    inverse = inverse_root(share * Threads::sum(square) + Number{Scalar(epsilon)});
  }
  /// (3) x̂ = (x − μ) s
  KOKKOS_INLINE_FUNCTION Number normal(Number x) const { return (x - mean) * inverse; }
};

/// (4) d_gain = Σ_r dy x̂   (5) d_bias = Σ_r dy
template <class Number>
struct ColumnCotangents {
  Number gain{}, bias{};
  friend KOKKOS_INLINE_FUNCTION ColumnCotangents operator+(const ColumnCotangents& x,
                                                           const ColumnCotangents& y) {
    return {x.gain + y.gain, x.bias + y.bias};
  }
};

/// All that the VJP reads, on values, or on values and tangents.
template <class Number>
struct Backward {
  using Scalar = ScalarOf<Number>;
  Field<Number, 3> x, d_y;
  Field<Number, 2> gain, mean, inverse;
  std::int64_t rows, columns;

  KOKKOS_INLINE_FUNCTION Row<Number> row(std::int64_t n, std::int64_t r) const {
    return {mean(n, r), inverse(n, r)};
  }
  /// (6) With ĝ = gain∘dy:  dx = s (ĝ − mean_c ĝ − x̂ mean_c(ĝ x̂));  write(c, dx_c).
  template <class Threads, class Write>
  KOKKOS_INLINE_FUNCTION void x_of_row(Threads, std::int64_t n, std::int64_t r,
                                       const Write& write) const {
    const Row<Number> at = row(n, r);
    Number first{}, second{};
    for (std::int64_t c = Threads::first(); c < columns; c += Threads::count) {
      const Number g = gain(n, c) * d_y(n, r, c);
      first = first + g;
      second = second + g * at.normal(x(n, r, c));
    }
    const Scalar share = Scalar(1) / Scalar(columns);
    first = share * Threads::sum(first);
    second = share * Threads::sum(second);
    for (std::int64_t c = Threads::first(); c < columns; c += Threads::count)
      write(c, at.inverse * (gain(n, c) * d_y(n, r, c) - first - at.normal(x(n, r, c)) * second));
  }
  /// A row's part of (4) and (5).
  KOKKOS_INLINE_FUNCTION ColumnCotangents<Number> column(std::int64_t n, std::int64_t r,
                                                         std::int64_t c) const {
    const Number d = d_y(n, r, c);
    return {d * row(n, r).normal(x(n, r, c)), d};
  }
};

}  // namespace theria::layer_norm

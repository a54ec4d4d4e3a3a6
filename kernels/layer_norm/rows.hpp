// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/dual.hpp"
#include "kernels/layer_norm/arguments.hpp"

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
template <class Number>
struct Row {
  using Scalar = ScalarOf<Number>;
  Number mean{}, inverse{};

  KOKKOS_INLINE_FUNCTION Row(Number m, Number s) : mean(m), inverse(s) {}
  KOKKOS_INLINE_FUNCTION Row(const Field<Number, 3>& x, std::int64_t n, std::int64_t r,
                             std::int64_t columns) {
    const Scalar share = Scalar(1) / Scalar(columns);
    for (std::int64_t c = 0; c < columns; ++c) mean = mean + x(n, r, c);
    mean = share * mean;
    Number square{};
    for (std::int64_t c = 0; c < columns; ++c) {
      const Number off = x(n, r, c) - mean;
      square = square + off * off;
    }
    inverse = inverse_root(share * square + Number{Scalar(epsilon)});
  }
  /// (3) x̂ = (x − μ) s
  KOKKOS_INLINE_FUNCTION Number normal(Number x) const { return (x - mean) * inverse; }
};

/// (4) of one row, with ĝ = gain∘dy:  mean_c ĝ_c  and  mean_c ĝ_c x̂_c;   dx = s (ĝ − first − x̂ second)
template <class Number>
struct RowCotangent {
  using Scalar = ScalarOf<Number>;
  Number first{}, second{};

  KOKKOS_INLINE_FUNCTION RowCotangent(const Row<Number>& row, const Field<Number, 3>& x,
                                      const Field<Number, 2>& gain, const Field<Number, 3>& d_y,
                                      std::int64_t n, std::int64_t r, std::int64_t columns) {
    const Scalar share = Scalar(1) / Scalar(columns);
    for (std::int64_t c = 0; c < columns; ++c) {
      const Number g = gain(n, c) * d_y(n, r, c);
      first = first + g;
      second = second + g * row.normal(x(n, r, c));
    }
    first = share * first;
    second = share * second;
  }
};

/// All that the VJP reads, on values, or on values and tangents.
template <class Number>
struct Backward {
  Field<Number, 3> x, d_y;
  Field<Number, 2> gain, mean, inverse;
  std::int64_t rows, columns;

  KOKKOS_INLINE_FUNCTION Row<Number> row(std::int64_t n, std::int64_t r) const {
    return {mean(n, r), inverse(n, r)};
  }
  /// d(n,r,c) receives dx of row r.
  template <class Write>
  KOKKOS_INLINE_FUNCTION void x_of_row(std::int64_t n, std::int64_t r, const Write& write) const {
    const Row<Number> at = row(n, r);
    const RowCotangent<Number> means(at, x, gain, d_y, n, r, columns);
    for (std::int64_t c = 0; c < columns; ++c)
      write(c, at.inverse * (gain(n, c) * d_y(n, r, c) - means.first -
                             at.normal(x(n, r, c)) * means.second));
  }
  /// (5) d_gain = Σ_r dy x̂   (6) d_bias = Σ_r dy, in order of rows.
  KOKKOS_INLINE_FUNCTION void column(std::int64_t n, std::int64_t c, Number& d_gain,
                                     Number& d_bias) const {
    d_gain = d_bias = Number{};
    for (std::int64_t r = 0; r < rows; ++r) {
      const Number d = d_y(n, r, c);
      d_gain = d_gain + d * row(n, r).normal(x(n, r, c));
      d_bias = d_bias + d;
    }
  }
};

/// f(n, i) for all tasks n and i < count.
template <class Space, class Function>
void for_each(const std::string& label, const Space& space, std::int64_t tasks, std::int64_t count,
              const Function& f) {
  Kokkos::parallel_for(
      label, Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {tasks, count}), f);
}

}  // namespace theria::layer_norm

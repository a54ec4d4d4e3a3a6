// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/dual.hpp"

namespace theria::cross_entropy {

/// One row's logits as Numbers: values alone, or with their tangents.
template <class Scalar>
struct Logits {
  Array<const Scalar, 3> value;
  KOKKOS_INLINE_FUNCTION Scalar get(std::int64_t n, std::int64_t r, std::int64_t c) const {
    return value(n, r, c);
  }
};

template <class Scalar>
struct Logits<Dual<Scalar>> {
  Array<const Scalar, 3> value, tangent;
  KOKKOS_INLINE_FUNCTION Dual<Scalar> get(std::int64_t n, std::int64_t r, std::int64_t c) const {
    return {value(n, r, c), tangent(n, r, c)};
  }
};

/// The softmax of one row:  (1) e_c = exp(logits_c − M)   (2) sum = Σ_c e_c, M the largest logit.
template <class Number>
struct Row {
  using Scalar = ScalarOf<Number>;
  const Logits<Number>& logits;
  std::int64_t n, r, classes;
  Number shift;  // M with tangent 0: the softmax does not depend on it
  Number sum{};
  std::int64_t largest = 0;

  KOKKOS_INLINE_FUNCTION Row(const Logits<Number>& l, std::int64_t task, std::int64_t row)
      : logits(l), n(task), r(row), classes(l.value.extent[2]) {
    for (std::int64_t c = 1; c < classes; ++c)
      if (l.value(n, r, c) > l.value(n, r, largest)) largest = c;
    shift = Number{l.value(n, r, largest)};
    for (std::int64_t c = 0; c < classes; ++c) sum = sum + exp(get(c) - shift);
  }
  KOKKOS_INLINE_FUNCTION Number get(std::int64_t c) const { return logits.get(n, r, c); }
  /// (3) −log softmax at the label
  KOKKOS_INLINE_FUNCTION Number loss(std::int64_t label) const {
    return log(sum) - (get(label) - shift);
  }
  /// Its derivative by logit c:  softmax_c − [c = label]
  KOKKOS_INLINE_FUNCTION Number d_logit(std::int64_t c, std::int64_t label) const {
    return exp(get(c) - shift) / sum - Number{Scalar(c == label ? 1 : 0)};
  }
};

}  // namespace theria::cross_entropy

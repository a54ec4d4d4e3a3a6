// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/field.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::sdpa {

/// What δ is summed in: dP − δ cancels where values have a mean, so that δ's rounding is that of dS. The host sums one
/// number after the other, a warp by a tree.
template <class Space, class Scalar>
using DeltaSum = std::conditional_t<tile::Machine<Space>::threads == 1, double, Scalar>;

/// What the backward pass keeps of a query row: P_ij = weighted(exp(S_ij − shift)), and δ. A row that sees
/// no key has the shift +∞, so that its P is zero. The VJP takes shift = lse from what was saved and no
/// weight.
template <class Scalar>
struct RowStatistics {
  Scalar shift, delta;

  KOKKOS_INLINE_FUNCTION Scalar weighted(Scalar e) const { return e; }
  KOKKOS_INLINE_FUNCTION static RowStatistics unseen() {
    return {Kokkos::Experimental::infinity_v<Scalar>, 0};
  }
};

/// The HVP makes its own, where the weight 1/Σ exp(S − shift) keeps the digits that the rounding of lse
/// loses.
template <class Scalar>
struct RowStatistics<Dual<Scalar>> {
  Dual<Scalar> shift, delta;
  Scalar weight;

  KOKKOS_INLINE_FUNCTION Dual<Scalar> weighted(Dual<Scalar> e) const { return weight * e; }
  KOKKOS_INLINE_FUNCTION static RowStatistics unseen() {
    return {{Kokkos::Experimental::infinity_v<Scalar>, 0}, {}, 0};
  }
};

/// The statistics of all rows, (b,h,i), dense.
template <class Number>
struct StatisticsField {
  RowStatistics<Number>* data = nullptr;
  int heads = 0, rows = 0;

  KOKKOS_INLINE_FUNCTION RowStatistics<Number>& operator()(int b, int h, int i) const {
    return data[(std::int64_t(b) * heads + h) * rows + i];
  }
};

}  // namespace theria::sdpa

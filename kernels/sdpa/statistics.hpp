// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/field.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::sdpa {

/// What δ is summed in: dP − δ cancels where values have a mean, so that δ's rounding is that of dS. The host sums one
/// number after the other, a warp by a tree.
template <class Space, class Scalar>
using DeltaSum = std::conditional_t<tile::Machine<Space>::threads == 1, double, Scalar>;

/// What the backward pass keeps of a query row: P_ij = weight·exp(S_ij − shift), and δ. A row that sees
/// no key has the shift +∞, so that its P is zero. The VJP takes shift = lse and weight = 1 from what
/// was saved; the HVP makes its own, where the weight 1/Σ exp(S − shift) keeps the digits that the
/// rounding of lse loses.
template <class Number>
struct RowStatistics {
  using Scalar = ScalarOf<Number>;
  Number shift, delta;
  Scalar weight;

  KOKKOS_INLINE_FUNCTION static RowStatistics unseen() {
    RowStatistics row{};
    if constexpr (is_dual<Number>) {
      row.shift.value = Kokkos::Experimental::infinity_v<Scalar>;
    } else {
      row.shift = Kokkos::Experimental::infinity_v<Scalar>;
    }
    return row;
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

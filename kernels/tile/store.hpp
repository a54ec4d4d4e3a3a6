// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/tile/fragment.hpp"

namespace theria::tile {

/// A matrix in device memory: element (i, d) at data[i row_stride + d col_stride]; a null one is not
/// wanted.
template <class Scalar>
struct Matrix {
  Scalar* data;
  std::int64_t row_stride, col_stride;
};

/// A matrix with its tangent.
template <class Scalar>
struct DualMatrix {
  Matrix<Scalar> value, tangent;
};

/// Where a fragment is in a matrix: `rows` rows from `first` on, `cols` columns from `first_col` on.
struct Target {
  int first, rows, cols;
  int first_col = 0;
};

/// Reads what `store` wrote with the factor 1.
template <class Scalar, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void load(Fragment<Plan, Scalar, content>& fragment, Matrix<Scalar> from,
                                 Target target) {
  if (from.data == nullptr) return;
  const Scalar* const start =
      from.data + target.first * from.row_stride + target.first_col * from.col_stride;
  for_each_place<Spread<Plan, content>>(target.rows, target.cols, [&](Place at) {
    if (at.i < target.rows && at.j < target.cols)
      fragment.element[at.n] = start[at.i * from.row_stride + at.j * from.col_stride];
  });
}

template <class Scalar, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void load(Fragment<Plan, Dual<Scalar>, content>& fragment,
                                 DualMatrix<Scalar> from, Target target) {
  load(fragment.value, from.value, target);
  load(fragment.tangent, from.tangent, target);
}

/// Writes factor * fragment.
template <class Scalar, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void store(Matrix<Scalar> to,
                                  const Fragment<Plan, Scalar, content>& fragment, Scalar factor,
                                  Target target) {
  if (to.data == nullptr) return;
  Scalar* const start = to.data + target.first * to.row_stride + target.first_col * to.col_stride;
  for_each_place<Spread<Plan, content>>(target.rows, target.cols, [&](Place at) {
    if (at.i < target.rows && at.j < target.cols)
      start[at.i * to.row_stride + at.j * to.col_stride] = factor * fragment.element[at.n];
  });
}

template <class Scalar, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void store(DualMatrix<Scalar> to,
                                  const Fragment<Plan, Dual<Scalar>, content>& fragment,
                                  Scalar factor, Target target) {
  store(to.value, fragment.value, factor, target);
  store(to.tangent, fragment.tangent, factor, target);
}

}  // namespace theria::tile

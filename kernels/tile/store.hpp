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

/// Where a fragment goes: `rows` rows from `first` on, `cols` columns from `first_col` on.
struct Target {
  int first, rows, cols;
  int first_col = 0;
};

/// Writes factor * fragment.
template <class Scalar, class Plan, int Cols, int Across>
KOKKOS_INLINE_FUNCTION void store(Matrix<Scalar> to,
                                  const Fragment<Plan, Scalar, Cols, Across>& fragment,
                                  Scalar factor, Target target) {
  if (to.data == nullptr) return;
  Scalar* const start = to.data + target.first * to.row_stride + target.first_col * to.col_stride;
  for_each_place<Spread<Plan, Cols, Across>>(target.rows, target.cols, [&](Place at) {
    if (at.i < target.rows && at.j < target.cols)
      start[at.i * to.row_stride + at.j * to.col_stride] = factor * fragment.element[at.n];
  });
}

template <class Scalar, class Plan, int Cols, int Across>
KOKKOS_INLINE_FUNCTION void store(DualMatrix<Scalar> to,
                                  const Fragment<Plan, Dual<Scalar>, Cols, Across>& fragment,
                                  Scalar factor, Target target) {
  store(to.value, fragment.value, factor, target);
  store(to.tangent, fragment.tangent, factor, target);
}

}  // namespace theria::tile

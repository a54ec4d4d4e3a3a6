// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/tile/fragment.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::tile {

/// A matrix in device memory: element (i, d) at data[i row_stride + d col_stride].
template <class Scalar>
struct Matrix {
  Scalar* data;
  std::int64_t row_stride, col_stride;

  KOKKOS_INLINE_FUNCTION Scalar& operator()(std::int64_t i, std::int64_t d) const {
    return data[i * row_stride + d * col_stride];
  }
};

/// A matrix with its tangent; a null tangent is zero.
template <class Scalar>
struct DualMatrix {
  Matrix<Scalar> value, tangent;
};

/// What a tile takes of a matrix: `rows` rows from `first` on, `cols` columns. Rows outside
/// [valid_from, valid_to) are never read and become zero, as do the tile's further columns.
struct Window {
  int first, rows, cols;
  int valid_from, valid_to;

  KOKKOS_INLINE_FUNCTION bool holds(int row) const { return row >= valid_from && row < valid_to; }
};

/// Overwrites the tile's first window.rows rows, all columns. No barrier.
template <class Member, class Space, class Scalar, int Rows, int Cols>
KOKKOS_INLINE_FUNCTION void load(const Member& team,
                                 const ScratchTile<Space, Scalar, Rows, Cols>& tile,
                                 Matrix<const Scalar> from, Window window) {
  if constexpr (Machine<Space>::threads == 1) {
    for (int i = 0; i < window.rows; ++i) {
      Scalar* const row = tile.data + i * tile.ld;
      const bool read = from.data != nullptr && window.holds(window.first + i);
      const int cols = read ? window.cols : 0;
      for (int d = 0; d < cols; ++d) row[d] = from(window.first + i, d);
      for (int d = cols; d < Cols; ++d) row[d] = Scalar(0);
    }
  } else {
    for_each(team, window.rows * Cols, [&](int e) {
      const int i = e / Cols, d = e % Cols, row = window.first + i;
      const bool read = from.data != nullptr && window.holds(row) && d < window.cols;
      tile.set(i, d, read ? from(row, d) : Scalar(0));
    });
  }
}

template <class Member, class Space, class Scalar, int Rows, int Cols>
KOKKOS_INLINE_FUNCTION void load(const Member& team,
                                 const ScratchTile<Space, Dual<Scalar>, Rows, Cols>& tile,
                                 DualMatrix<const Scalar> from, Window window) {
  load(team, tile.value, from.value, window);
  load(team, tile.tangent, from.tangent, window);
}

/// Where a fragment goes: `rows` rows from `first` on, `cols` columns from `first_col` on.
struct Target {
  int first, rows, cols;
  int first_col = 0;
};

/// Writes factor * fragment; a null destination is not wanted.
template <class Member, class Space, class Scalar, int Rows, int Cols>
KOKKOS_INLINE_FUNCTION void store(const Member& team, Matrix<Scalar> to,
                                  const Fragment<Space, Scalar, Rows, Cols>& fragment,
                                  Scalar factor, Target target) {
  if (to.data == nullptr) return;
  for_each_owned<Fragment<Space, Scalar, Rows, Cols>>(
      team, target.rows, target.cols, [&](int i, int d, int n) {
        to(target.first + i, target.first_col + d) = factor * fragment.element[n];
      });
}

template <class Member, class Space, class Scalar, int Rows, int Cols>
KOKKOS_INLINE_FUNCTION void store(const Member& team, DualMatrix<Scalar> to,
                                  const Fragment<Space, Dual<Scalar>, Rows, Cols>& fragment,
                                  Scalar factor, Target target) {
  store(team, to.value, fragment.value, factor, target);
  store(team, to.tangent, fragment.tangent, factor, target);
}

}  // namespace theria::tile

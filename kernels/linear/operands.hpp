// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"

namespace theria::linear {

/// op(A) op(B) of every task; absent where either is not given.
template <class Scalar>
struct ProductTerm {
  Array<const Scalar, 3> a{}, b{};

  KOKKOS_INLINE_FUNCTION bool given() const { return a.data != nullptr && b.data != nullptr; }
  /// Length of the sum.
  KOKKOS_INLINE_FUNCTION int length(bool a_transposed) const {
    return static_cast<int>(a.extent[a_transposed ? 1 : 2]);
  }
};

/// What one product reads and writes: C = op(A) op(B) + op(A') op(B') + bias, or added to C, for every task n.
template <class Scalar>
struct ProductOperands {
  static constexpr int terms = 2;
  ProductTerm<Scalar> term[terms];  // the first, then the second
  Array<Scalar, 3> c;               // (n,m,n)
  Write write = Write::overwrite;
  Array<const Scalar, 2> bias{};  // (n,n), optional

  /// What the element at (task, i, j) becomes when its products come to `sum`.
  KOKKOS_INLINE_FUNCTION Scalar result(int task, int i, int j, Scalar sum) const {
    if (bias.data != nullptr) sum += bias(task, j);
    return write == Write::accumulate ? c(task, i, j) + sum : sum;
  }
};

/// Tiles of one task's C.
template <class Scalar>
std::int64_t tile_count(const Array<Scalar, 3>& c, int rows, int cols) {
  return ((c.extent[1] + rows - 1) / rows) * ((c.extent[2] + cols - 1) / cols);
}

/// One tile of C: its task, first row and column, and how many of them it has.
struct ProductTile {
  int task, i0, j0, m, n;

  template <class Scalar>
  KOKKOS_INLINE_FUNCTION ProductTile(const Array<Scalar, 3>& c, int rows, int cols, int rank) {
    const int height = static_cast<int>(c.extent[1]), width = static_cast<int>(c.extent[2]);
    const int row_tiles = (height + rows - 1) / rows, col_tiles = (width + cols - 1) / cols;
    task = rank / (row_tiles * col_tiles);
    i0 = rank / col_tiles % row_tiles * rows;
    j0 = rank % col_tiles * cols;
    m = height - i0 < rows ? height - i0 : rows;
    n = width - j0 < cols ? width - j0 : cols;
  }

  template <class Scalar>
  static std::int64_t count(const Array<Scalar, 3>& c, int rows, int cols) {
    return c.extent[0] * tile_count(c, rows, cols);
  }
};

}  // namespace theria::linear

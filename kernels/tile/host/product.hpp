// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_SIMD.hpp>

#include "kernels/tile/form.hpp"

namespace theria::tile::host {

template <class Scalar>
using Vector = Kokkos::Experimental::simd<Scalar>;

/// A matrix read a number at a time: element (r, p) at data[r·row + p·column].
template <class Scalar, int row_stride, int column_stride>
struct Strided {
  static constexpr int row = row_stride, column = column_stride;
  const Scalar* data;
};

/// Rows of C whose sums stay in registers: two vectors a row, with room for a row of B.
#ifdef __AVX512F__
inline constexpr int rows_at_once = 8;  // 32 registers
#else
inline constexpr int rows_at_once = 6;  // 16 registers
#endif

/// c[r][v] += Σ_p a(r,p) b[p][v] on a block of Rows x Vectors.
template <int Rows, int Vectors, int ldc, int ldb, class Scalar, class A>
inline void block_product(Scalar* c, const A& a, const Scalar* b, int k) {
  using Vector = host::Vector<Scalar>;
  constexpr int width = static_cast<int>(Vector::size());
  constexpr auto unaligned = Kokkos::Experimental::simd_flag_default;
  Vector sum[Rows][Vectors];
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < Vectors; ++v) sum[r][v].copy_from(c + r * ldc + v * width, unaligned);
  for (int p = 0; p < k; ++p) {
    Vector right[Vectors];
    for (int v = 0; v < Vectors; ++v) right[v].copy_from(b + p * ldb + v * width, unaligned);
    for (int r = 0; r < Rows; ++r) {
      const Vector left(a.data[r * A::row + p * A::column]);
      for (int v = 0; v < Vectors; ++v) sum[r][v] = Kokkos::fma(left, right[v], sum[r][v]);
    }
  }
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < Vectors; ++v) sum[r][v].copy_to(c + r * ldc + v * width, unaligned);
}

/// All `m` rows of one panel of columns, as many at once as there are.
template <int Rows, int Vectors, int ldc, int ldb, class Scalar, class A>
inline void panel_product(Scalar* c, A a, const Scalar* b, int m, int k) {
  for (; m >= Rows; m -= Rows, c += Rows * ldc, a.data += Rows * A::row)
    block_product<Rows, Vectors, ldc, ldb>(c, a, b, k);
  if constexpr (Rows > 1) panel_product<Rows / 2, Vectors, ldc, ldb>(c, a, b, m, k);
}

/// C += A B for row-major C and B with rows of ldc and ldb numbers, multiples of two vectors. The columns
/// of C up to the next multiple of a vector are touched as well.
template <int ldc, int ldb, class Scalar, class A>
inline void product(Scalar* c, const A& a, const Scalar* b, Extent extent) {
  constexpr int width = static_cast<int>(Vector<Scalar>::size());
  static_assert(ldc % (2 * width) == 0 && ldb % (2 * width) == 0);
  for (int n = 0; n < extent.n; n += 2 * width) {
    if (extent.n - n > width) {
      panel_product<rows_at_once, 2, ldc, ldb>(c + n, a, b + n, extent.m, extent.k);
    } else {
      panel_product<rows_at_once, 1, ldc, ldb>(c + n, a, b + n, extent.m, extent.k);
    }
  }
}

}  // namespace theria::tile::host

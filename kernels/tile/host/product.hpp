// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "kernels/tile/form.hpp"

namespace theria::tile::host {

/// A row-major matrix of Rows x Cols in memory.
template <class Scalar, int Rows, int Cols>
struct Block {
  static constexpr int rows = Rows, cols = Cols;
  Scalar* data;
};

/// C[mr][nr] += sum_p a(p, r) b[p][n]: the block of C stays in vector registers.
template <int Mr, int Nr, class Scalar, class Left>
inline void micro(Scalar* c, int ldc, const Left& a, const Scalar* b, int ldb, int k) {
  Scalar block[Mr][Nr];
  for (int r = 0; r < Mr; ++r)
    for (int n = 0; n < Nr; ++n) block[r][n] = c[r * ldc + n];
  for (int p = 0; p < k; ++p)
    for (int r = 0; r < Mr; ++r) {
      const Scalar left = a(r, p);
      for (int n = 0; n < Nr; ++n) block[r][n] += left * b[p * ldb + n];
    }
  for (int r = 0; r < Mr; ++r)
    for (int n = 0; n < Nr; ++n) c[r * ldc + n] = block[r][n];
}

/// C += op(A) op(B) over `extent`. Columns of C up to the next multiple of the vector block are
/// touched as well: B holds numbers (zeros) there.
template <Form form, class Scalar, class C, class A, class B>
inline void product(const C& c, const A& a, const B& b, Extent extent) {
  constexpr int nr = std::min(128 / int(sizeof(Scalar)), C::cols);
  constexpr int depth = form == Form::nt ? B::cols : B::rows;
  const auto left = [&](int i) {
    return [&a, i](int r, int p) {
      return form == Form::tn ? a.data[p * A::cols + i + r] : a.data[(i + r) * A::cols + p];
    };
  };
  Scalar packed[form == Form::nt ? depth * nr : 1];
  for (int j = 0; j < extent.n; j += nr) {
    const Scalar* right = b.data + j;
    int ldb = B::cols;
    if constexpr (form == Form::nt) {
      for (int n = 0; n < nr; ++n)
        for (int p = 0; p < extent.k; ++p) packed[p * nr + n] = b.data[(j + n) * B::cols + p];
      right = packed;
      ldb = nr;
    }
    int i = 0;
    for (; i + 4 <= extent.m; i += 4)
      micro<4, nr>(c.data + i * C::cols + j, C::cols, left(i), right, ldb, extent.k);
    for (; i < extent.m; ++i)
      micro<1, nr>(c.data + i * C::cols + j, C::cols, left(i), right, ldb, extent.k);
  }
}

}  // namespace theria::tile::host

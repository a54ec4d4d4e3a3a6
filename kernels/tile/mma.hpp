// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/fragment.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::tile {

/// Which operand of a product is read transposed.
enum class Form {
  nn,  // C += A B      A (m,k)  B (k,n)
  nt,  // C += A Bᵀ     A (m,k)  B (n,k)
  tn,  // C += Aᵀ B     A (k,m)  B (k,n)
};

/// The part of the tiles in use: rows and columns of C, length of the sum.
struct Extent {
  int m, n, k;
};

namespace host {

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

template <Form form, class Scalar, class C, class A, class B>
inline void mma(C& c, const A& a, const B& b, Extent extent) {
  constexpr int nr = 128 / sizeof(Scalar) < C::cols ? 128 / sizeof(Scalar) : C::cols;
  constexpr int depth = form == Form::nn || form == Form::tn ? B::rows : B::cols;
  const auto left = [&](int i) {
    return [&a, i](int r, int p) {
      return form == Form::tn ? a.data[p * A::ld + i + r] : a.data[(i + r) * A::ld + p];
    };
  };
  Scalar packed[form == Form::nt ? depth * nr : 1];
  for (int j = 0; j < extent.n; j += nr) {
    const Scalar* right = b.data + j;
    int ldb = B::ld;
    if constexpr (form == Form::nt) {
      for (int n = 0; n < nr; ++n)
        for (int p = 0; p < extent.k; ++p) packed[p * nr + n] = b.data[(j + n) * B::ld + p];
      right = packed;
      ldb = nr;
    }
    int i = 0;
    for (; i + 4 <= extent.m; i += 4)
      micro<4, nr>(c.element + i * C::cols + j, C::cols, left(i), right, ldb, extent.k);
    for (; i < extent.m; ++i)
      micro<1, nr>(c.element + i * C::cols + j, C::cols, left(i), right, ldb, extent.k);
  }
}

}  // namespace host

namespace device {

template <Form form, class Member, class C, class A, class B>
KOKKOS_INLINE_FUNCTION void mma(const Member& team, C& c, const A& a, const B& b, Extent extent) {
  for_each_owned<C>(team, extent.m, extent.n, [&](int i, int j, int n) {
    auto sum = c.element[n];
    for (int p = 0; p < extent.k; ++p) {
      const auto left = form == Form::tn ? a.data[p * A::ld + i] : a.data[i * A::ld + p];
      const auto right = form == Form::nt ? b.data[j * B::ld + p] : b.data[p * B::ld + j];
      sum += left * right;
    }
    c.element[n] = sum;
  });
}

}  // namespace device

/// C += A B in the given form, over `extent`. On the host, C's columns up to the next multiple of
/// the vector block are touched as well: B's tile must hold numbers (zeros) there. No barrier:
/// A and B must be complete before, and may be rewritten only after a barrier.
template <Form form, class Member, class Space, class Scalar, int Rows, int Cols, class A, class B>
KOKKOS_INLINE_FUNCTION void mma(const Member& team, Fragment<Space, Scalar, Rows, Cols>& c,
                                const A& a, const B& b, Extent extent) {
  if constexpr (Machine<Space>::threads == 1) {
    KOKKOS_IF_ON_HOST((host::mma<form, Scalar>(c, a, b, extent);))
  } else {
    device::mma<form>(team, c, a, b, extent);
  }
}

/// The product rule: (A + Ȧε)(B + Ḃε) = AB + (ȦB + AḂ)ε.
template <Form form, class Member, class Space, class Scalar, int Rows, int Cols, class A, class B>
KOKKOS_INLINE_FUNCTION void mma(const Member& team, Fragment<Space, Dual<Scalar>, Rows, Cols>& c,
                                const A& a, const B& b, Extent extent) {
  mma<form>(team, c.value, a.value, b.value, extent);
  mma<form>(team, c.tangent, a.tangent, b.value, extent);
  mma<form>(team, c.tangent, a.value, b.tangent, extent);
}

}  // namespace theria::tile

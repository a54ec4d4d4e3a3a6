// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/cuda/product_double.hpp"
#include "kernels/tile/cuda/product_half.hpp"
#include "kernels/tile/host/product.hpp"

namespace theria::tile {

namespace host {

template <class Scalar, int Rows, int Cols>
Block<Scalar, Rows, Cols> block(Scalar* data) {
  return {data};
}

template <Form form, class Plan, class Scalar, int Cols, int Across, class A, class B>
void mma(Fragment<Plan, Scalar, Cols, Across>& c, const A& a, const B& b, Extent extent) {
  product<form, Scalar>(block<Scalar, Plan::rows, Cols>(c.element),
                        block<Scalar, A::rows, A::cols>(a.data),
                        block<Scalar, B::rows, B::cols>(b.data), extent);
}

}  // namespace host

/// C += A op(B), nn or nt. On the host over `extent`, and C's columns up to the next multiple of the
/// vector block are touched as well; on CUDA over the whole tiles, which are zero beyond it. No barrier:
/// A and B must be complete before, and may be rewritten only after one.
template <Form form, class Plan, class Scalar, int Cols, int Across, class A, class B>
KOKKOS_INLINE_FUNCTION void mma(Fragment<Plan, Scalar, Cols, Across>& c, const A& a, const B& b,
                                [[maybe_unused]] Extent extent) {
  if constexpr (Machine<typename Plan::Space>::threads == 1) {
    KOKKOS_IF_ON_HOST((host::mma<form>(c, a, b, extent);))
  } else if constexpr (sizeof(Scalar) == 8) {
    cuda::product_double<form>(c, a, b);
  } else {
    cuda::product_half<form>(c, a, b);
  }
}

/// The product rule: (A + Ȧε)(B + Ḃε) = AB + (ȦB + AḂ)ε.
template <Form form, class Plan, class Scalar, int Cols, int Across, class A, class B>
KOKKOS_INLINE_FUNCTION void mma(Fragment<Plan, Dual<Scalar>, Cols, Across>& c, const A& a,
                                const B& b, Extent extent) {
  if constexpr (Machine<typename Plan::Space>::threads > 1 && sizeof(Scalar) == 4) {
    cuda::product_half_dual<form>(c, a, b);
  } else {
    mma<form>(c.value, a.value, b.value, extent);
    mma<form>(c.tangent, a.tangent, b.value, extent);
    mma<form>(c.tangent, a.value, b.tangent, extent);
  }
}

}  // namespace theria::tile

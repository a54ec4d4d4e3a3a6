// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "kernels/tile/cuda/product_double.hpp"
#include "kernels/tile/cuda/product_half.hpp"
#include "kernels/tile/host/product.hpp"

namespace theria::tile {

namespace host {

/// Scores lie by columns and so does what a team owns, so that both products have vectors along the
/// contiguous axis of their result: nt is Cᵀ += B Aᵀ.
template <Form form, class C, class A, class B>
void mma(C& c, const A& a, const B& b, Extent extent) {
  using Scalar = std::remove_pointer_t<decltype(a.data)>;
  constexpr int rows = C::Plan::rows;
  if constexpr (form == Form::nt) {
    const Strided<Scalar, B::cols, 1> left{b.data};
    product<rows, rows>(c.element, left, a.data, {extent.n, extent.m, extent.k});
  } else {
    using Left = std::conditional_t<form == Form::nn, Strided<Scalar, 1, A::rows>,
                                    Strided<Scalar, A::rows, 1>>;
    product<C::Places::leading, B::cols>(c.element, Left{a.data}, b.data, extent);
  }
}

}  // namespace host

/// C += op(A) op(B), on CUDA nn or nt. On the host over `extent`, and C up to the next whole vector is
/// touched as well; on CUDA over the whole tiles, which are zero beyond it. No barrier:
/// A and B must be complete before, and may be rewritten only after one.
template <Form form, First = First::left_tangent, class Plan, class Scalar, Content content,
          class A, class B>
KOKKOS_INLINE_FUNCTION void mma(Fragment<Plan, Scalar, content>& c, const A& a, const B& b,
                                [[maybe_unused]] Extent extent) {
  if constexpr (Machine<typename Plan::Space>::threads == 1) {
    KOKKOS_IF_ON_HOST((host::mma<form>(c, a, b, extent);))
  } else if constexpr (sizeof(Scalar) == 8) {
    cuda::product_double<form>(c, a, b);
  } else {
    cuda::product_half<form>(c, a, b);
  }
}

/// The product rule: (A + Ȧε)(B + Ḃε) = AB + (ȦB + AḂ)ε. float on CUDA takes ȦB first always.
template <Form form, First first = First::left_tangent, class Plan, class Scalar, Content content,
          class A, class B>
KOKKOS_INLINE_FUNCTION void mma(Fragment<Plan, Dual<Scalar>, content>& c, const A& a, const B& b,
                                Extent extent) {
  if constexpr (Machine<typename Plan::Space>::threads > 1 && sizeof(Scalar) == 4) {
    cuda::product_half_dual<form>(c, a, b);
  } else {
    mma<form>(c.value, a.value, b.value, extent);
    if constexpr (first == First::right_tangent) mma<form>(c.tangent, a.value, b.tangent, extent);
    mma<form>(c.tangent, a.tangent, b.value, extent);
    if constexpr (first == First::left_tangent) mma<form>(c.tangent, a.value, b.tangent, extent);
  }
}

}  // namespace theria::tile

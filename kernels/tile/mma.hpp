// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "kernels/tile/cuda/product_double.hpp"
#include "kernels/tile/cuda/product_half.hpp"
#include "kernels/tile/cuda/product_warpgroup.hpp"
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
  } else if constexpr (cuda::has_warpgroups &&
                       cuda::fits_warpgroup<Fragment<Plan, Scalar, content>>) {
    cuda::WarpgroupProduct<form, Fragment<Plan, Scalar, content>, A, B> product(c, a, b);
    if constexpr (A::Format::scaled) {
      cuda::run_chains(product);
    } else {
      product.template put_directly<true>();
      cuda::end_products();
      cuda::finish_directly<0>(c);
    }
  } else {
    cuda::product_half<form>(c, a, b);
  }
}

/// The product rule as part of a chain, on the numbers of C itself: C = A op(B), or += where it `adds`.
template <Form form, bool adds, First first, class Plan, class Scalar, Content content, class A,
          class B>
KOKKOS_INLINE_FUNCTION void put_dual(Fragment<Plan, Dual<Scalar>, content>& c, const A& a,
                                     const B& b) {
  using Product = cuda::WarpgroupProduct<form, Fragment<Plan, Scalar, content>, decltype(a.value),
                                         decltype(b.value)>;
  Product value(c.value, a.value, b.value), left(c.tangent, a.tangent, b.value),
      right(c.tangent, a.value, b.tangent);
  value.template put_directly<adds>();
  if constexpr (first == First::left_tangent) {
    left.template put_directly<adds>();
    right.template put_directly<true>();
  } else {
    right.template put_directly<adds>();
    left.template put_directly<true>();
  }
  cuda::end_products();
}

/// The product rule: (A + Ȧε)(B + Ḃε) = AB + (ȦB + AḂ)ε. mma.sync, and sums without scales, take ȦB first always.
template <Form form, First first = First::left_tangent, class Plan, class Scalar, Content content,
          class A, class B>
KOKKOS_INLINE_FUNCTION void mma(Fragment<Plan, Dual<Scalar>, content>& c, const A& a, const B& b,
                                Extent extent) {
  if constexpr (Machine<typename Plan::Space>::threads == 1 || sizeof(Scalar) == 8) {
    mma<form>(c.value, a.value, b.value, extent);
    if constexpr (first == First::right_tangent) mma<form>(c.tangent, a.value, b.tangent, extent);
    mma<form>(c.tangent, a.tangent, b.value, extent);
    if constexpr (first == First::left_tangent) mma<form>(c.tangent, a.value, b.tangent, extent);
  } else if constexpr (cuda::has_warpgroups &&
                       cuda::fits_warpgroup<Fragment<Plan, Scalar, content>> &&
                       !Plan::Format::scaled) {
    put_dual<form, true, first>(c, a, b);
    cuda::finish_directly<0>(c.value);
    cuda::finish_directly<0>(c.tangent);
  } else if constexpr (cuda::has_warpgroups &&
                       cuda::fits_warpgroup<Fragment<Plan, Scalar, content>>) {
    using Product = cuda::WarpgroupProduct<form, Fragment<Plan, Scalar, content>, decltype(a.value),
                                           decltype(b.value)>;
    const Product value(c.value, a.value, b.value), left(c.tangent, a.tangent, b.value),
        right(c.tangent, a.value, b.tangent);
    if constexpr (first == First::left_tangent) {
      cuda::run_chains(value, left, right);
    } else {
      cuda::run_chains(value, right, left);
    }
  } else {
    cuda::product_half_dual<form>(c, a, b);
  }
}

/// Begins C = A Bᵀ, which has come with finish_multiply: A and B may not be rewritten before, nor C looked at.
template <First first = First::left_tangent, class C, class A, class B>
KOKKOS_INLINE_FUNCTION void begin_multiply(C& c, const A& a, const B& b, Extent extent) {
  if constexpr (!(C::Plan::direct && cuda::has_warpgroups)) {
    c.clear(extent.m, extent.n);
    mma<Form::nt, first>(c, a, b, extent);
  } else if constexpr (is_dual<typename C::Plan::Number>) {
    put_dual<Form::nt, false, first>(c, a, b);
    c.value.unit = c.tangent.unit = a.value.inverse;
  } else {
    cuda::WarpgroupProduct<Form::nt, C, A, B> product(c, a, b);
    product.template put_directly<false>();
    cuda::end_products();
    c.unit = a.inverse * b.inverse;
  }
}
/// `later`: how many products have been begun after this one.
template <int later = 0, class C>
KOKKOS_INLINE_FUNCTION void finish_multiply([[maybe_unused]] C& c) {
  if constexpr (!(C::Plan::direct && cuda::has_warpgroups)) {
    return;
  } else if constexpr (is_dual<typename C::Plan::Number>) {
    cuda::finish_directly<later>(c.value);
    cuda::finish_directly<later>(c.tangent);
  } else {
    cuda::finish_directly<later>(c);
  }
}

/// Where the factor that is made for a product with B is multiplied by this or more, what is 2⁻¹⁶ of its largest keeps
/// eleven bits.
inline constexpr float least_room = 0x1p-6f;

/// Makes a unit of C in which products with B can be added, and returns what their other factor is to be multiplied
/// with: a power of two, at most 1.
template <class C, class B>
KOKKOS_INLINE_FUNCTION auto make_room([[maybe_unused]] C& c, [[maybe_unused]] const B& b) {
  using Scalar = typename C::Plan::Scalar;
  if constexpr (C::Plan::direct && C::Plan::Format::scaled && cuda::has_warpgroups) {
    if (!(b.inverse <= c.unit)) {  // not a number: neither will c be one
      const Scalar factor = c.unit / b.inverse;
      THERIA_UNROLL
      for (int e = 0; e < C::Places::size; ++e) c.element[e] *= factor;
      c.unit = b.inverse;
    }
    return b.inverse < c.unit && b.inverse >= least_room * c.unit ? b.inverse / c.unit : Scalar(1);
  } else {
    c.made();
    return Scalar(1);
  }
}
/// C += A B, for which there is room; what is too small for it is added apart.
template <class C, class A, class B>
KOKKOS_INLINE_FUNCTION void add_product(C& c, const A& a, const B& b, Extent extent) {
  if constexpr (C::Plan::direct && C::Plan::Format::scaled && cuda::has_warpgroups) {
    cuda::WarpgroupProduct<Form::nn, C, A, B> product(c, a, b);
    if (b.inverse < least_room * c.unit) [[unlikely]] {
      for (float& factor : product.factor) factor /= c.unit;
      cuda::run_chains(product);
    } else {
      product.template put_directly<true>();
      cuda::end_products();
      cuda::finish_directly<0>(c);
    }
  } else {
    mma<Form::nn>(c, a, b, extent);
  }
}

}  // namespace theria::tile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/for_each.hpp"
#include "kernels/linear/cuda/product_kernel.hpp"
#include "kernels/linear/host/product_kernel.hpp"
#include "kernels/tile/rows.hpp"

namespace theria::linear {

/// C = op(A) op(B), or C += op(A) op(B), for every task n; `form` says which operand is transposed. The sum over k runs
/// in a fixed order that depends on the shapes of one task alone.
template <tile::Form form, class Space, class Scalar>
void product(const std::string& label, const Space& space, const Array<const Scalar, 3>& a,
             const Array<const Scalar, 3>& b, const Array<Scalar, 3>& c, Write write) {
  const ProductOperands<Scalar> args{a, b, c, write};
  if constexpr (std::is_same_v<Space, OpenMP>) {
    tile::launch(label, space, host::ProductKernel<Scalar, form>{args});
  } else if (c.extent[1] <= 16) {
    tile::launch(label, space, cuda::ProductKernel<Scalar, form, 2>{args});
  } else {
    tile::launch(label, space, cuda::ProductKernel<Scalar, form, 8>{args});
  }
}

/// y(n,r,:) += b(n,:)
template <class Space, class Scalar>
void add_rows(const std::string& label, const Space& space, const Array<const Scalar, 2>& b,
              const Array<Scalar, 3>& y) {
  for_each_element(
      label, space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { y(n, r, c) += b(n, c); });
}

/// sum(n,c) = Σ_r y(n,r,c)
template <class Space, class Scalar>
void sum_rows(const std::string& label, const Space& space, const Array<const Scalar, 3>& y,
              const Array<Scalar, 2>& sum) {
  tile::sum_columns<Scalar>(
      label, space, y.extent[0], y.extent[1], y.extent[2],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { return y(n, r, c); },
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t c, Scalar total) { sum(n, c) = total; });
}

}  // namespace theria::linear

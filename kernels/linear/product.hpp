// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/cuda/product_kernel.hpp"
#include "kernels/linear/cuda/warpgroup_product_kernel.hpp"
#include "kernels/linear/host/product_kernel.hpp"
#include "kernels/tile/rows.hpp"

namespace theria::linear {

/// C = op(A) op(B) + op(A') op(B') + bias, or added to C, for every task n; `form` says which operand is transposed.
/// The sum over k runs in a fixed order that depends on the shapes of one task, and on strides and alignment: how many
/// tasks there are is not seen where what belongs to one task is aligned as the whole is.
template <tile::Form form, class Space, class Scalar>
void product(const std::string& label, const Space& space, const ProductOperands<Scalar>& args) {
  if constexpr (std::is_same_v<Space, OpenMP>) {
    tile::launch(label, space, host::ProductKernel<Scalar, form>{args});
  } else {
    if constexpr (std::is_same_v<Scalar, float>) {
      using Whole = cuda::WarpgroupProductKernel<form, false>;
      if (Whole::takes(args)) {
        // Cotangents of weights are small, sums over all rows: where they have few tiles each gets more threads.
        constexpr int enough = 8;
        if constexpr (form == tile::Form::tn)
          if (tile_count(args.c, Whole::rows, Whole::cols) < enough)
            return tile::launch(label, space, cuda::WarpgroupProductKernel<form, true>{args});
        return tile::launch(label, space, Whole{args});
      }
    }
    if (args.c.extent[1] <= 16) {
      tile::launch(label, space, cuda::ProductKernel<Scalar, form, 2>{args});
    } else {
      tile::launch(label, space, cuda::ProductKernel<Scalar, form, 8>{args});
    }
  }
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

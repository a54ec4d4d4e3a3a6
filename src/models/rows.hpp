// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/for_each.hpp"

namespace theria {

/// y += x
template <class Space, class Scalar>
void add_rows(const Space& space, const Array<const Scalar, 3>& x, const Array<Scalar, 3>& y) {
  for_each_element(
      "theria::models::add_rows", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { y(n, r, c) += x(n, r, c); });
}

/// y = x
template <class Space, class Scalar>
void copy_rows(const Space& space, const Array<const Scalar, 3>& x, const Array<Scalar, 3>& y) {
  for_each_element(
      "theria::models::copy_rows", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { y(n, r, c) = x(n, r, c); });
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <string>

#include "kernels/core/array.hpp"

namespace theria {

/// f(n, r, c) for every number of rows of activations, in any order.
template <class Space, class T, class Function>
void for_each_row_number(const std::string& label, const Space& space, const Array<T, 3>& rows,
                         const Function& f) {
  Kokkos::parallel_for(label,
                       Kokkos::MDRangePolicy<Space, Kokkos::Rank<3>>(
                           space, {0, 0, 0}, {rows.extent[0], rows.extent[1], rows.extent[2]}),
                       f);
}

/// y += x
template <class Space, class Scalar>
void add_rows(const Space& space, const Array<const Scalar, 3>& x, const Array<Scalar, 3>& y) {
  for_each_row_number(
      "theria::models::add_rows", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { y(n, r, c) += x(n, r, c); });
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/meta/for_each_number.hpp"

// Vectors of all tasks at once, (n,P).
namespace theria {

/// The first `size` of the learned numbers, shared by n tasks.
template <class Space, class Scalar>
Array<const Scalar, 2> shared(const ViewOn<Scalar*, Space>& theta, std::int64_t n,
                              std::size_t size) {
  Array<const Scalar, 2> all;
  all.data = theta.data();
  all.extent = {n, static_cast<std::int64_t>(size)};
  all.stride = {0, 1};
  return all;
}

/// y += factor x
template <class Space, class Scalar>
void add(const Space& space, Scalar factor, const Array<const Scalar, 2>& x,
         const Array<Scalar, 2>& y) {
  for_each_number(
      "theria::meta::add", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) += factor * x(n, p); });
}

/// y = x + factor y
template <class Space, class Scalar>
void scale_and_add(const Space& space, Scalar factor, const Array<const Scalar, 2>& x,
                   const Array<Scalar, 2>& y) {
  for_each_number(
      "theria::meta::scale_and_add", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) = x(n, p) + factor * y(n, p); });
}

/// y = 0
template <class Space, class Scalar>
void clear(const Space& space, const Array<Scalar, 2>& y) {
  for_each_number(
      "theria::meta::clear", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) = 0; });
}

/// y = x
template <class Space, class Scalar>
void copy(const Space& space, const Array<const Scalar, 2>& x, const Array<Scalar, 2>& y) {
  for_each_number(
      "theria::meta::copy", space, y.extent[0], y.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) = x(n, p); });
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/core/spaces.hpp"

/// A part of a task's work that is called from several places: one copy of it in a device's instruction cache.
#ifdef __CUDACC__
#define THERIA_TEAM_FUNCTION KOKKOS_FUNCTION __noinline__
#else
#define THERIA_TEAM_FUNCTION inline
#endif

namespace theria::episode {

enum class Write { overwrite, accumulate };

/// A row-major matrix whose rows are `ld` numbers apart; `near` if it is in a team's near workspace.
template <class T>
struct Matrix {
  T* data = nullptr;
  int ld = 0;
  bool near = false;

  Matrix() = default;
  KOKKOS_INLINE_FUNCTION Matrix(T* start, int leading, bool is_near = false)
      : data(start), ld(leading), near(is_near) {}
  /// Read-only access to what may be written.
  template <class U>
  requires std::is_same_v<const U, T> KOKKOS_INLINE_FUNCTION Matrix(Matrix<U> other)
      : data(other.data), ld(other.ld), near(other.near) {}

  KOKKOS_INLINE_FUNCTION T* row(int i) const { return data + std::int64_t(i) * ld; }
};

/// A matrix as an operand of a product: as it is, or turned.
template <class Scalar, bool turned_>
struct Operand {
  static constexpr bool turned = turned_;
  const Scalar* data;
  int ld;
  bool near;
};

/// A as it is.
template <class T>
KOKKOS_INLINE_FUNCTION Operand<std::remove_const_t<T>, false> plain(Matrix<T> a) {
  return {a.data, a.ld, a.near};
}
/// Aᵀ.
template <class T>
KOKKOS_INLINE_FUNCTION Operand<std::remove_const_t<T>, true> turned(Matrix<T> a) {
  return {a.data, a.ld, a.near};
}

}  // namespace theria::episode

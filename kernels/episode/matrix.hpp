// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/core/spaces.hpp"

namespace theria::episode {

enum class Write { overwrite, accumulate };

/// A row-major matrix whose rows are `ld` numbers apart.
template <class T>
struct Matrix {
  T* data = nullptr;
  int ld = 0;

  Matrix() = default;
  Matrix(T* start, int leading) : data(start), ld(leading) {}
  /// Read-only access to what may be written.
  template <class U>
  requires std::is_same_v<const U, T> Matrix(Matrix<U> other) : data(other.data), ld(other.ld) {}

  T* row(int i) const { return data + std::int64_t(i) * ld; }
};

/// A matrix as the left operand of a product, which is read a number at a time: as it is, or turned.
template <class Scalar, bool turned_>
struct Left {
  static constexpr bool turned = turned_;
  const Scalar* data;
  int ld;
};

/// A as it is.
template <class T>
Left<std::remove_const_t<T>, false> plain(Matrix<T> a) {
  return {a.data, a.ld};
}
/// Aᵀ.
template <class T>
Left<std::remove_const_t<T>, true> turned(Matrix<T> a) {
  return {a.data, a.ld};
}

}  // namespace theria::episode

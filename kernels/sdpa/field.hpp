// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"
#include "kernels/core/dual.hpp"
#include "kernels/tile/store.hpp"

namespace theria::sdpa {

/// A tensor (b,h,rows,cols) of Numbers as a kernel takes it: one array, or a value and a tangent.
/// Stored is `const Element` for inputs, `Element` for results.
template <class Number, class Stored>
struct Field {
  Array<Stored, 4> value;

  KOKKOS_INLINE_FUNCTION tile::Matrix<Stored> slice(int b, int h) const {
    return {value, value.offset(b, h, 0, 0)};
  }
  KOKKOS_INLINE_FUNCTION ArithmeticOf<Number> get(int b, int h, int i, int j) const {
    return value(b, h, i, j);
  }
};

template <class Element, class Stored>
struct Field<Dual<Element>, Stored> {
  Array<Stored, 4> value, tangent;

  KOKKOS_INLINE_FUNCTION tile::DualMatrix<Stored> slice(int b, int h) const {
    return {{value, value.offset(b, h, 0, 0)}, {tangent, tangent.offset(b, h, 0, 0)}};
  }
  KOKKOS_INLINE_FUNCTION Dual<ScalarOf<Element>> get(int b, int h, int i, int j) const {
    return {value(b, h, i, j),
            tangent.data == nullptr ? ScalarOf<Element>(0) : tangent(b, h, i, j)};
  }
};

template <class Number>
using Operand = Field<Number, const ElementOf<Number>>;
template <class Number>
using Result = Field<Number, ElementOf<Number>>;

/// One number a row, (b,h,i).
template <class Number>
struct RowField {
  Array<Number, 3> value;

  KOKKOS_INLINE_FUNCTION Number get(int b, int h, int i) const { return value(b, h, i); }
  KOKKOS_INLINE_FUNCTION void set(int b, int h, int i, Number x) const {
    if (value.data != nullptr) value(b, h, i) = x;
  }
};

template <class Scalar>
struct RowField<Dual<Scalar>> {
  Array<Scalar, 3> value, tangent;

  KOKKOS_INLINE_FUNCTION Dual<Scalar> get(int b, int h, int i) const {
    return {value(b, h, i), tangent(b, h, i)};
  }
  KOKKOS_INLINE_FUNCTION void set(int b, int h, int i, Dual<Scalar> x) const {
    if (value.data != nullptr) value(b, h, i) = x.value;
    if (tangent.data != nullptr) tangent(b, h, i) = x.tangent;
  }
};

/// A bias with stride 0 on the axes it is broadcast on.
template <class T>
Array<T, 4> broadcast(Array<T, 4> bias) {
  for (int axis : {0, 1})
    if (bias.extent[axis] == 1) bias.stride[axis] = 0;
  return bias;
}

}  // namespace theria::sdpa

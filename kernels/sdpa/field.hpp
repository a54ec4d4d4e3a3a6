// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"
#include "kernels/core/dual.hpp"
#include "kernels/tile/store.hpp"

namespace theria::sdpa {

/// A tensor (b,h,rows,cols) of Numbers as a kernel takes it: one array, or a value and a tangent.
/// Element is `const Scalar` for inputs, `Scalar` for results.
template <class Number, class Element>
struct Field {
  Array<Element, 4> value;

  KOKKOS_INLINE_FUNCTION tile::Matrix<Element> slice(int b, int h) const {
    return slice_of(value, b, h);
  }
  KOKKOS_INLINE_FUNCTION Number get(int b, int h, int i, int j) const { return value(b, h, i, j); }

  KOKKOS_INLINE_FUNCTION static tile::Matrix<Element> slice_of(const Array<Element, 4>& array,
                                                               int b, int h) {
    if (array.data == nullptr) return {nullptr, 0, 0};
    return {&array(b, h, 0, 0), array.stride[2], array.stride[3]};
  }
};

template <class Scalar, class Element>
struct Field<Dual<Scalar>, Element> {
  Array<Element, 4> value, tangent;

  KOKKOS_INLINE_FUNCTION tile::DualMatrix<Element> slice(int b, int h) const {
    using Part = Field<Scalar, Element>;
    return {Part::slice_of(value, b, h), Part::slice_of(tangent, b, h)};
  }
  KOKKOS_INLINE_FUNCTION Dual<Scalar> get(int b, int h, int i, int j) const {
    return {value(b, h, i, j), tangent.data == nullptr ? Scalar(0) : tangent(b, h, i, j)};
  }
};

template <class Number>
using Operand = Field<Number, const ScalarOf<Number>>;
template <class Number>
using Result = Field<Number, ScalarOf<Number>>;

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

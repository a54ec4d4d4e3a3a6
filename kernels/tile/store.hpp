// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include "kernels/tile/fragment.hpp"

namespace theria::tile {

/// A matrix in device memory: element (i, d) at data[start + i row_stride + d col_stride]; a null one is
/// not wanted.
template <class Element>
struct Matrix {
  Array<Element, 4> array;
  std::int64_t start;

  KOKKOS_INLINE_FUNCTION bool wanted() const { return array.data != nullptr; }
  KOKKOS_INLINE_FUNCTION std::int64_t at(int i, int d) const {
    return start + i * array.stride[2] + d * array.stride[3];
  }
};

/// A matrix with its tangent.
template <class Element>
struct DualMatrix {
  Matrix<Element> value, tangent;
};

/// Where a fragment is in a matrix: `rows` rows from `first` on, `cols` columns from `first_col` on.
struct Target {
  int first, rows, cols;
  int first_col = 0;
};

/// Reads the elements of a fragment that `target` names; of a null matrix none.
template <class Stored, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void load(
    Fragment<Plan, ScalarOf<std::remove_const_t<Stored>>, content>& fragment,
    const Matrix<Stored>& from, Target target) {
  if (!from.wanted()) return;
  from.array.with_memory([&](const auto& memory) {
    for_each_place<Spread<Plan, content>>(target.rows, target.cols, [&](Place at) {
      if (at.i < target.rows && at.j < target.cols)
        fragment.element[at.n] = memory[from.at(target.first + at.i, target.first_col + at.j)];
    });
  });
}

template <class Stored, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void load(
    Fragment<Plan, Dual<ScalarOf<std::remove_const_t<Stored>>>, content>& fragment,
    const DualMatrix<Stored>& from, Target target) {
  load(fragment.value, from.value, target);
  load(fragment.tangent, from.tangent, target);
}

/// Writes factor * fragment.
template <class Element, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void store(const Matrix<Element>& to,
                                  const Fragment<Plan, ScalarOf<Element>, content>& fragment,
                                  ScalarOf<Element> factor, Target target) {
  if (!to.wanted()) return;
  to.array.with_memory([&](const auto& memory) {
    for_each_place<Spread<Plan, content>>(target.rows, target.cols, [&](Place at) {
      if (at.i < target.rows && at.j < target.cols)
        put(memory, to.at(target.first + at.i, target.first_col + at.j),
            factor * fragment.element[at.n]);
    });
  });
}

template <class Element, class Plan, Content content>
KOKKOS_INLINE_FUNCTION void store(const DualMatrix<Element>& to,
                                  const Fragment<Plan, Dual<ScalarOf<Element>>, content>& fragment,
                                  ScalarOf<Element> factor, Target target) {
  store(to.value, fragment.value, factor, target);
  store(to.tangent, fragment.tangent, factor, target);
}

}  // namespace theria::tile

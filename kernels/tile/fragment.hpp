// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/dual.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

/// A Rows x Cols accumulator spread over the team: on CUDA in registers, element e = i Cols + j
/// belonging to thread e mod threads; on the host a local array of the one thread.
template <class Space, class Scalar, int Rows, int Cols>
struct Fragment {
  static constexpr int rows = Rows, cols = Cols;
  static constexpr int threads = Machine<Space>::threads;
  static constexpr int size = Rows * Cols;
  static constexpr int own = (size + threads - 1) / threads;
  using Number = Scalar;

  Scalar element[own];

  KOKKOS_INLINE_FUNCTION void clear() {
    for (int n = 0; n < own; ++n) element[n] = Scalar(0);
  }
};

/// An accumulator with its tangent.
template <class Space, class Scalar, int Rows, int Cols>
struct Fragment<Space, Dual<Scalar>, Rows, Cols> {
  using Part = Fragment<Space, Scalar, Rows, Cols>;
  static constexpr int rows = Rows, cols = Cols;
  static constexpr int threads = Part::threads, size = Part::size, own = Part::own;
  using Number = Dual<Scalar>;

  Part value, tangent;

  KOKKOS_INLINE_FUNCTION void clear() {
    value.clear();
    tangent.clear();
  }
};

template <class Space, class S, int R, int C>
KOKKOS_INLINE_FUNCTION S element(const Fragment<Space, S, R, C>& f, int n) {
  return f.element[n];
}
template <class Space, class S, int R, int C>
KOKKOS_INLINE_FUNCTION Dual<S> element(const Fragment<Space, Dual<S>, R, C>& f, int n) {
  return {f.value.element[n], f.tangent.element[n]};
}
template <class Space, class S, int R, int C>
KOKKOS_INLINE_FUNCTION void set_element(Fragment<Space, S, R, C>& f, int n, S x) {
  f.element[n] = x;
}
template <class Space, class S, int R, int C>
KOKKOS_INLINE_FUNCTION void set_element(Fragment<Space, Dual<S>, R, C>& f, int n, Dual<S> x) {
  f.value.element[n] = x.value;
  f.tangent.element[n] = x.tangent;
}

/// Calls f(i, j, n) for each element (i, j), i < rows and j < cols, that this thread owns; n is its
/// place in the fragment.
template <class AnyFragment, class Member, class Function>
KOKKOS_INLINE_FUNCTION void for_each_owned(const Member& team, int rows, int cols,
                                           const Function& f) {
  constexpr int width = AnyFragment::cols, threads = AnyFragment::threads;
  if constexpr (threads == 1) {
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < cols; ++j) f(i, j, i * width + j);
  } else {
    for (int n = 0; n < AnyFragment::own; ++n) {
      const int e = n * threads + team.team_rank();
      const int i = e / width, j = e % width;
      if (i < rows && j < cols) f(i, j, n);
    }
  }
}

}  // namespace theria::tile

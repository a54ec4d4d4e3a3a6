// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/dual.hpp"
#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/machine.hpp"
#include "kernels/tile/plan.hpp"

namespace theria::tile {

/// Where an element of a fragment is: (i, j) in the tile, `n` in the fragment, and `row` of the rows
/// that this thread sees.
struct Place {
  int i, j, n, row;
};

/// How a rows x Cols matrix is spread over a team whose columns `Across` warps share. On the host the
/// one thread has all of it.
template <class Plan, int Cols, int Across, class Space = typename Plan::Space>
struct Spread {
  static constexpr bool spread_over_lanes = false;
  static constexpr int size = Plan::rows * Cols, rows = Plan::rows, across = 1;

  KOKKOS_INLINE_FUNCTION static int first_col() { return 0; }
  KOKKOS_INLINE_FUNCTION static int row_of(int r) { return r; }
};

#ifdef KOKKOS_ENABLE_CUDA
/// On CUDA a warp has 16 rows and blocks of 8 columns, laid out as the matrix instructions have them:
/// lane 4g + t holds (g,2t) (g,2t+1) (g+8,2t) (g+8,2t+1) of each block.
template <class Plan, int Cols, int Across>
struct Spread<Plan, Cols, Across, Cuda> {
  static constexpr bool spread_over_lanes = true;
  static constexpr int across = Across, blocks = Cols / Across / 8, size = 4 * blocks, rows = 2;

  KOKKOS_INLINE_FUNCTION static int first_row() { return cuda::warp() / Plan::across * 16; }
  KOKKOS_INLINE_FUNCTION static int first_col() {
    return cuda::warp() % Plan::across % Across * (8 * blocks);
  }
  KOKKOS_INLINE_FUNCTION static int row_of(int r) { return first_row() + cuda::lane() / 4 + 8 * r; }
};
#endif

/// Calls f(Place) for every element that this thread holds; on the host those of m rows and n columns.
template <class Spread, class Function>
KOKKOS_INLINE_FUNCTION void for_each_place([[maybe_unused]] int m, [[maybe_unused]] int n,
                                           const Function& f) {
  if constexpr (Spread::spread_over_lanes) {
    const int col = Spread::first_col() + cuda::lane() % 4 * 2;
    const int row = Spread::row_of(0);
    THERIA_UNROLL
    for (int e = 0; e < Spread::size; ++e)
      f(Place{row + 8 * (e / 2 % 2), col + e / 4 * 8 + e % 2, e, e / 2 % 2});
  } else {
    constexpr int cols = Spread::size / Spread::rows;
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) f(Place{i, j, i * cols + j, i});
  }
}

/// A matrix of Scalars spread over the team; on CUDA in registers.
template <class Plan_, class Number, int Cols, int Across_>
struct Fragment {
  using Plan = Plan_;
  using Places = Spread<Plan, Cols, Across_>;
  static constexpr int cols = Cols;

  Number element[Places::size];

  KOKKOS_INLINE_FUNCTION void clear() {
    THERIA_UNROLL
    for (int n = 0; n < Places::size; ++n) element[n] = Number(0);
  }
  KOKKOS_INLINE_FUNCTION Number get(int n) const { return element[n]; }
  KOKKOS_INLINE_FUNCTION void set(int n, Number x) { element[n] = x; }
};

/// A matrix with its tangent.
template <class Plan_, class Scalar, int Cols, int Across>
struct Fragment<Plan_, Dual<Scalar>, Cols, Across> {
  using Plan = Plan_;
  using Part = Fragment<Plan, Scalar, Cols, Across>;
  using Places = typename Part::Places;
  static constexpr int cols = Cols;

  Part value, tangent;

  KOKKOS_INLINE_FUNCTION void clear() {
    value.clear();
    tangent.clear();
  }
  KOKKOS_INLINE_FUNCTION Dual<Scalar> get(int n) const {
    return {value.element[n], tangent.element[n]};
  }
  KOKKOS_INLINE_FUNCTION void set(int n, Dual<Scalar> x) {
    value.element[n] = x.value;
    tangent.element[n] = x.tangent;
  }
};

/// What a team sums up: rows x depth.
template <class Plan>
using Accumulator = Fragment<Plan, typename Plan::Number, Plan::depth, Plan::across>;
/// One tile of scores, or of what has their shape: rows x cols.
template <class Plan>
using ScoreFragment = Fragment<Plan, typename Plan::Number, Plan::cols, Plan::score_across>;

/// One number for each row that this thread sees.
template <class Plan, class Number>
struct Rows {
  static constexpr int count = Spread<Plan, Plan::cols, 1>::rows;
  Number row[count];

  KOKKOS_INLINE_FUNCTION void fill(Number x) {
    THERIA_UNROLL
    for (int r = 0; r < count; ++r) row[r] = x;
  }
  KOKKOS_INLINE_FUNCTION Number& operator()(int r) { return row[r]; }
  KOKKOS_INLINE_FUNCTION const Number& operator()(int r) const { return row[r]; }
};

/// Calls f(r, i) for every row that this thread sees, r its slot and i its place in the tile; on the
/// host the first m.
template <class Plan, class Function>
KOKKOS_INLINE_FUNCTION void for_each_row(int m, const Function& f) {
  using Places = Spread<Plan, Plan::cols, 1>;
  const int rows = Machine<typename Plan::Space>::threads == 1 ? m : Places::rows;
  THERIA_UNROLL
  for (int r = 0; r < rows; ++r) f(r, Places::row_of(r));
}

/// Calls f(index) for index in [0, count), each by one thread of the team.
template <class Plan, class Function>
KOKKOS_INLINE_FUNCTION void for_each_of_team(int count, const Function& f) {
  if constexpr (Machine<typename Plan::Space>::threads == 1) {
    for (int index = 0; index < count; ++index) f(index);
  } else {
    for (int index = cuda::warp() * 32 + cuda::lane(); index < count; index += 32 * Plan::warps)
      f(index);
  }
}

/// The same as for_each_row, by one thread a row.
template <class Plan, class Function>
KOKKOS_INLINE_FUNCTION void for_each_owned_row(int m, const Function& f) {
  if constexpr (Machine<typename Plan::Space>::threads == 1) {
    for_each_row<Plan>(m, f);
  } else if (cuda::lane() % 4 == 0 && cuda::warp() % Plan::across == 0) {
    for_each_row<Plan>(m, f);
  }
}

}  // namespace theria::tile

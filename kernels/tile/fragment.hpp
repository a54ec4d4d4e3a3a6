// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

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

/// What a fragment is: `sums` are rows x depth, `scores` rows x cols.
enum class Content { sums, scores };

/// How a fragment is spread over a team. On the host the one thread has all of it: sums by rows, scores
/// by columns, so that what is done to all rows of scores, reductions along them included, is done in
/// vectors.
template <class Plan, Content content, class Space = typename Plan::Space>
struct Spread {
  static constexpr bool spread_over_lanes = false, by_columns = content == Content::scores;
  static constexpr int rows = Plan::rows, across = 1;
  static constexpr int cols = content == Content::sums ? Plan::depth : Plan::cols;
  static constexpr int size = rows * cols;
  static constexpr int leading = by_columns ? rows : cols;  // from one column, or row, to the next

  KOKKOS_INLINE_FUNCTION static int first_col() { return 0; }
  KOKKOS_INLINE_FUNCTION static int row_of(int r) { return r; }
  /// Elements up to the end of m rows and n columns.
  KOKKOS_INLINE_FUNCTION static int used(int m, int n) { return leading * (by_columns ? n : m); }
};

#ifdef KOKKOS_ENABLE_CUDA
/// On CUDA a warp has 16 rows and blocks of 8 columns, laid out as the matrix instructions have them:
/// lane 4g + t holds (g,2t) (g,2t+1) (g+8,2t) (g+8,2t+1) of each block.
template <class Plan, Content content>
struct Spread<Plan, content, Cuda> {
  static constexpr bool spread_over_lanes = true;
  static constexpr int cols = content == Content::sums ? Plan::depth : Plan::cols;
  static constexpr int across = content == Content::sums ? Plan::across : Plan::score_across;
  static constexpr int blocks = cols / across / 8, size = 4 * blocks, rows = 2;

  KOKKOS_INLINE_FUNCTION static int first_row() { return cuda::warp() / Plan::across * 16; }
  KOKKOS_INLINE_FUNCTION static int first_col() {
    return cuda::warp() % Plan::across % across * (8 * blocks);
  }
  KOKKOS_INLINE_FUNCTION static int row_of(int r) { return first_row() + cuda::lane() / 4 + 8 * r; }
  KOKKOS_INLINE_FUNCTION static constexpr int used(int, int) { return size; }
};
#endif

/// Calls f(Place) for every element that this thread holds; on the host those of m rows and n columns.
/// What f does to scores of different rows is independent: the host does them at once.
template <class Spread, class Function>
KOKKOS_INLINE_FUNCTION void for_each_place([[maybe_unused]] int m, [[maybe_unused]] int n,
                                           const Function& f) {
  if constexpr (Spread::spread_over_lanes) {
    const int col = Spread::first_col() + cuda::lane() % 4 * 2;
    const int row = Spread::row_of(0);
    THERIA_UNROLL
    for (int e = 0; e < Spread::size; ++e)
      f(Place{row + 8 * (e / 2 % 2), col + e / 4 * 8 + e % 2, e, e / 2 % 2});
  } else if constexpr (Spread::by_columns) {
    for (int j = 0; j < n; ++j) {
#pragma omp simd
      for (int i = 0; i < m; ++i) f(Place{i, j, j * Spread::leading + i, i});
    }
  } else {
    for (int i = 0; i < m; ++i)
      for (int j = 0; j < n; ++j) f(Place{i, j, i * Spread::leading + j, i});
  }
}

/// What a fragment has where its numbers have no unit.
struct NoUnit {};

/// A matrix of Scalars spread over the team; on CUDA in registers. Where Plan::direct an element is in units of
/// `unit`, which products give it; what is set has the unit 1.
template <class Plan_, class Number, Content content>
struct Fragment {
  using Plan = Plan_;
  using Places = Spread<Plan, content>;

  Number element[Places::size];
  [[no_unique_address]] std::conditional_t<Plan::direct, Number, NoUnit> unit;

  /// On the host m rows and n columns, with the whole vectors that a product touches.
  KOKKOS_INLINE_FUNCTION void clear([[maybe_unused]] int m, [[maybe_unused]] int n) {
    const int used = Places::used(m, n);
    THERIA_UNROLL
    for (int e = 0; e < used; ++e) element[e] = Number(0);
    made();
  }
  KOKKOS_INLINE_FUNCTION Number get(int n) const { return get_unit() * element[n]; }
  KOKKOS_INLINE_FUNCTION Number get_unit() const {
    if constexpr (Plan::direct) {
      return unit;
    } else {
      return Number(1);
    }
  }
  /// All elements have been set.
  KOKKOS_INLINE_FUNCTION void made() {
    if constexpr (Plan::direct) unit = Number(1);
  }
  /// Cleared, it has no unit yet where operands have scales: make_room finds one.
  KOKKOS_INLINE_FUNCTION void without_unit() {
    if constexpr (Plan::direct && Plan::Format::scaled) unit = Number(0);
  }
  KOKKOS_INLINE_FUNCTION void set(int n, Number x) { element[n] = x; }
  KOKKOS_INLINE_FUNCTION void multiply(int n, Number factor) { element[n] = element[n] * factor; }
};

/// A matrix with its tangent.
template <class Plan_, class Scalar, Content content>
struct Fragment<Plan_, Dual<Scalar>, content> {
  using Plan = Plan_;
  using Part = Fragment<Plan, Scalar, content>;
  using Places = typename Part::Places;

  Part value, tangent;

  KOKKOS_INLINE_FUNCTION void clear(int m, int n) {
    value.clear(m, n);
    tangent.clear(m, n);
  }
  KOKKOS_INLINE_FUNCTION void made() {
    value.made();
    tangent.made();
  }
  KOKKOS_INLINE_FUNCTION void without_unit() {}
  KOKKOS_INLINE_FUNCTION Dual<Scalar> get(int n) const { return {value.get(n), tangent.get(n)}; }
  KOKKOS_INLINE_FUNCTION void multiply(int n, Dual<Scalar> factor) { set(n, get(n) * factor); }
  KOKKOS_INLINE_FUNCTION void set(int n, Dual<Scalar> x) {
    value.element[n] = x.value;
    tangent.element[n] = x.tangent;
  }
};

/// Of a fragment the values.
template <class Fragment>
KOKKOS_INLINE_FUNCTION const auto& values_of(const Fragment& x) {
  if constexpr (requires { x.value; }) {
    return x.value;
  } else {
    return x;
  }
}

/// What a team sums up: rows x depth.
template <class Plan>
using Accumulator = Fragment<Plan, typename Plan::Number, Content::sums>;
/// One tile of scores, or of what has their shape: rows x cols.
template <class Plan>
using ScoreFragment = Fragment<Plan, typename Plan::Number, Content::scores>;

/// One number for each row that this thread sees.
template <class Plan, class Number>
struct Rows {
  static constexpr int count = Spread<Plan, Content::scores>::rows;
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
  using Places = Spread<Plan, Content::scores>;
  const int rows = Machine<typename Plan::Space>::threads == 1 ? m : Places::rows;
  THERIA_UNROLL
  for (int r = 0; r < rows; ++r) f(r, Places::row_of(r));
}

/// Whether f(r) holds of any row, on CUDA of this warp's, r its slot; on the host of the first m.
template <class Plan, class Function>
KOKKOS_INLINE_FUNCTION bool any_row(int m, const Function& f) {
  bool any = false;
  for_each_row<Plan>(m, [&](int r, int) { any = any || f(r); });
  if constexpr (Machine<typename Plan::Space>::threads > 1) any = cuda::any_lane(any);
  return any;
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

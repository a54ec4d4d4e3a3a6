// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "kernels/core/dual.hpp"
#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/machine.hpp"
#include "kernels/tile/scratch.hpp"

// Sums along rows and down columns of activations, for operators without products.
namespace theria::tile {

/// The threads that share a row: a warp's, or one on the host.
template <class Space>
struct RowThreads {
  static constexpr int count = Machine<Space>::threads;

  KOKKOS_INLINE_FUNCTION static int first() { return count == 1 ? 0 : cuda::lane(); }

  /// The sum of every thread's x, for all of them, in an order that depends on nothing.
  template <class Scalar>
  KOKKOS_INLINE_FUNCTION static Scalar sum(Scalar x) {
    if constexpr (count > 1)
      for (int mask = 1; mask < count; mask *= 2) x += cuda::shuffle_xor(x, mask);
    return x;
  }
  template <class Scalar>
  KOKKOS_INLINE_FUNCTION static Dual<Scalar> sum(Dual<Scalar> x) {
    return {sum(x.value), sum(x.tangent)};
  }
};

/// A warp a row.
template <class Space_, class Function>
struct RowKernel {
  struct Plan {
    using Space = Space_;
    static constexpr int warps = 4;
    static constexpr struct { int teams; } tiling{1};
  };
  static constexpr std::size_t scratch = 0;

  std::int64_t rows_of_task, rows;
  Function f;

  std::int64_t league() const { return (rows + Plan::warps - 1) / Plan::warps; }
  KOKKOS_FUNCTION void operator()(const Member<Space_>& team) const {
    const std::int64_t row = std::int64_t(team.league_rank()) * Plan::warps + cuda::warp();
    if (row < rows) f(row / rows_of_task, row % rows_of_task);
  }
};

/// f(n, r) for every row r of every task, by RowThreads, which share what f does with its columns.
template <class Space, class Function>
void for_each_row(const std::string& label, const Space& space, std::int64_t tasks,
                  std::int64_t rows, const Function& f) {
  if constexpr (std::is_same_v<Space, OpenMP>) {
    Kokkos::parallel_for(
        label, Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {tasks, rows}), f);
  } else {
    launch(label, space, RowKernel<Space, Function>{rows, tasks * rows, f});
  }
}

/// A team 32 columns of one task: a warp takes every sixteenth row, then their sums are added in order of warps.
template <class Space_, class Number, class Term, class Write>
struct ColumnKernel {
  struct Plan {
    using Space = Space_;
    static constexpr int warps = 16;
    static constexpr struct { int teams; } tiling{1};
  };
  static constexpr int width = Machine<Space_>::threads;
  using Parts = ScratchArray<Number, Plan::warps * width>;
  static constexpr std::size_t scratch = scratch_request(Parts::bytes);

  std::int64_t tasks, rows, columns;
  Term term;
  Write write;

  KOKKOS_INLINE_FUNCTION std::int64_t blocks() const { return (columns + width - 1) / width; }
  std::int64_t league() const { return tasks * blocks(); }
  KOKKOS_FUNCTION void operator()(const Member<Space_>& team) const {
    char* arena = arena_of<Space_>(team, scratch);
    const Parts parts(arena);
    const std::int64_t n = team.league_rank() / blocks();
    const std::int64_t c = team.league_rank() % blocks() * width + cuda::lane();
    Number sum{};
    if (c < columns) {
      THERIA_UNROLL_4
      for (std::int64_t r = cuda::warp(); r < rows; r += Plan::warps) sum = sum + term(n, r, c);
    }
    parts(cuda::warp() * width + cuda::lane()) = sum;
    team.team_barrier();
    if (cuda::warp() > 0 || c >= columns) return;
    for (int w = 1; w < Plan::warps; ++w) sum = sum + parts(w * width + cuda::lane());
    write(n, c, sum);
  }
};

/// write(n, c, Σ_r term(n, r, c)) for every column c of every task, in an order that follows from the number of rows.
template <class Number, class Space, class Term, class Write>
void sum_columns(const std::string& label, const Space& space, std::int64_t tasks,
                 std::int64_t rows, std::int64_t columns, const Term& term, const Write& write) {
  if constexpr (std::is_same_v<Space, OpenMP>) {
    Kokkos::parallel_for(
        label, Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {tasks, columns}),
        [=](std::int64_t n, std::int64_t c) {
          Number sum{};
          for (std::int64_t r = 0; r < rows; ++r) sum = sum + term(n, r, c);
          write(n, c, sum);
        });
  } else {
    launch(label, space,
           ColumnKernel<Space, Number, Term, Write>{tasks, rows, columns, term, write});
  }
}

}  // namespace theria::tile

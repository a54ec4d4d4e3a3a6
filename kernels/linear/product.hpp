// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/load.hpp"
#include "kernels/tile/mma.hpp"

namespace theria::linear {

/// C = op(A) op(B), or C += op(A) op(B), for every task n; `form` says which operand is transposed.
/// One team: a tile of one task's C. The sum over k runs in a fixed order that depends on the
/// shapes of one task alone.
template <class Space, class Scalar, tile::Form form>
struct ProductKernel {
  static constexpr int rows = 32;
  static constexpr int cols = tile::Machine<Space>::threads == 1 ? 64 : 32;
  static constexpr int chunk = cols;  // of the sum
  static constexpr bool a_transposed = form == tile::Form::tn,
                        b_transposed = form == tile::Form::nt;
  using TileA =
      tile::ScratchTile<Space, Scalar, a_transposed ? chunk : rows, a_transposed ? rows : chunk>;
  using TileB = tile::ScratchTile<Space, Scalar, cols, cols>;
  static constexpr std::size_t scratch = tile::scratch_request(TileA::bytes + TileB::bytes);

  Array<const Scalar, 3> a, b;
  Array<Scalar, 3> c;  // (n,m,n)
  Write write;

  KOKKOS_INLINE_FUNCTION int row_tiles() const {
    return static_cast<int>((c.extent[1] + rows - 1) / rows);
  }
  KOKKOS_INLINE_FUNCTION int col_tiles() const {
    return static_cast<int>((c.extent[2] + cols - 1) / cols);
  }
  std::int64_t league() const { return c.extent[0] * row_tiles() * col_tiles(); }

  /// Element (i, d) of the part of a task's matrix that starts at (0, col).
  KOKKOS_INLINE_FUNCTION static tile::Matrix<const Scalar> from_column(
      const Array<const Scalar, 3>& x, int task, int col) {
    return {&x(task, 0, col), x.stride[1], x.stride[2]};
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const int task = team.league_rank() / (row_tiles() * col_tiles());
    const int i0 = team.league_rank() / col_tiles() % row_tiles() * rows;
    const int j0 = team.league_rank() % col_tiles() * cols;
    const int height = static_cast<int>(c.extent[1]), width = static_cast<int>(c.extent[2]);
    const int length = static_cast<int>(a.extent[a_transposed ? 1 : 2]);
    const int m = height - i0 < rows ? height - i0 : rows;
    const int n = width - j0 < cols ? width - j0 : cols;

    char* arena = tile::arena_of<Space>(team, scratch);
    const TileA a_tile(arena);
    const TileB b_tile(arena);
    tile::Fragment<Space, Scalar, rows, cols> sum;
    sum.clear();
    for (int p0 = 0; p0 < length; p0 += chunk) {
      const int k = length - p0 < chunk ? length - p0 : chunk;
      if constexpr (a_transposed) {
        tile::load(team, a_tile, from_column(a, task, i0), {p0, k, m, 0, length});
      } else {
        tile::load(team, a_tile, from_column(a, task, p0), {i0, m, k, 0, height});
      }
      if constexpr (b_transposed) {
        tile::load(team, b_tile, from_column(b, task, p0), {j0, cols, k, 0, width});
      } else {
        tile::load(team, b_tile, from_column(b, task, j0), {p0, k, n, 0, length});
      }
      team.team_barrier();
      tile::mma<form>(team, sum, a_tile, b_tile, {m, n, k});
      team.team_barrier();
    }
    tile::for_each_owned<decltype(sum)>(team, m, n, [&](int i, int j, int e) {
      Scalar& to = c(task, i0 + i, j0 + j);
      to = write == Write::accumulate ? to + sum.element[e] : sum.element[e];
    });
  }
};

template <tile::Form form, class Space, class Scalar>
void product(const std::string& label, const Space& space, const Array<const Scalar, 3>& a,
             const Array<const Scalar, 3>& b, const Array<Scalar, 3>& c, Write write) {
  tile::launch(label, space, ProductKernel<Space, Scalar, form>{a, b, c, write});
}

/// y(n,r,:) += b(n,:)
template <class Space, class Scalar>
void add_rows(const std::string& label, const Space& space, const Array<const Scalar, 2>& b,
              const Array<Scalar, 3>& y) {
  Kokkos::parallel_for(
      label,
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<3>>(space, {0, 0, 0},
                                                    {y.extent[0], y.extent[1], y.extent[2]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { y(n, r, c) += b(n, c); });
}

/// sum(n,c) = Σ_r y(n,r,c), in order of r.
template <class Space, class Scalar>
void sum_rows(const std::string& label, const Space& space, const Array<const Scalar, 3>& y,
              const Array<Scalar, 2>& sum) {
  Kokkos::parallel_for(
      label,
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {y.extent[0], y.extent[2]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t c) {
        Scalar total = 0;
        for (std::int64_t r = 0; r < y.extent[1]; ++r) total += y(n, r, c);
        sum(n, c) = total;
      });
}

}  // namespace theria::linear

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/operands.hpp"
#include "kernels/tile/fragment.hpp"
#include "kernels/tile/host/product.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::linear::host {

/// One thread a 128 × 64 tile of one task's C; the sum over k in chunks of 64, in order. A chunk of B, which may have
/// to be turned, serves two chunks of A, which are read as they lie.
template <class Scalar, tile::Form form>
struct ProductKernel {
  struct Plan {
    using Space = OpenMP;
    static constexpr int warps = 1;
    static constexpr struct { int teams; } tiling{1};
  };
  static constexpr int side = 64, rows = 2 * side, cols = side;
  using Tile = tile::ScratchArray<Scalar, side * side>;
  static constexpr std::size_t scratch = tile::scratch_request(2 * Tile::bytes);
  static constexpr bool a_transposed = form == tile::Form::tn;
  static constexpr bool b_transposed = form == tile::Form::nt;

  ProductOperands<Scalar> args;

  std::int64_t league() const { return ProductTile::count(args.c, rows, cols); }

  KOKKOS_FUNCTION void operator()(const tile::Member<OpenMP>& team) const {
    const ProductTile at(args.c, rows, cols, team.league_rank());
    char* arena = tile::arena_of<OpenMP>(team, scratch);
    const Tile a_tile(arena), b_tile(arena);
    using Left = std::conditional_t<a_transposed, tile::host::Strided<Scalar, 1, side>,
                                    tile::host::Strided<Scalar, side, 1>>;
    Scalar sum[rows * cols];
    for (int e = 0; e < at.m * cols; ++e) sum[e] = Scalar(0);
    for (const ProductTerm<Scalar>& term : args.term) {
      const int length = term.given() ? term.length(a_transposed) : 0;
      for (int p0 = 0; p0 < length; p0 += side) {
        const int k = length - p0 < side ? length - p0 : side;
        if constexpr (b_transposed) {
          load_turned(b_tile, term.b, at.task, at.j0, p0, at.n, k);
        } else {
          load(b_tile, term.b, at.task, p0, at.j0, k, at.n, side);
        }
        for (int i = 0; i < at.m; i += side) {
          const int m = at.m - i < side ? at.m - i : side;
          if constexpr (a_transposed) {
            load(a_tile, term.a, at.task, p0, at.i0 + i, k, m, m);
          } else {
            load(a_tile, term.a, at.task, at.i0 + i, p0, m, k, k);
          }
          KOKKOS_IF_ON_HOST(
              (tile::host::product<cols, side>(sum + i * cols, Left{a_tile.data}, b_tile.data,
                                               tile::Extent{m, at.n, k});))
        }
      }
    }
    for (int i = 0; i < at.m; ++i)
      for (int j = 0; j < at.n; ++j)
        args.c(at.task, at.i0 + i, at.j0 + j) =
            args.result(at.task, at.i0 + i, at.j0 + j, sum[i * cols + j]);
  }

 private:
  /// m rows and n columns of task's x from (i0, j0); zeros up to column `filled`.
  KOKKOS_INLINE_FUNCTION static void load(const Tile& tile, const Array<const Scalar, 3>& x,
                                          int task, int i0, int j0, int m, int n, int filled) {
    const std::int64_t next_row = x.stride[1], next_col = x.stride[2];
    const Scalar* const start = &x(task, 0, 0) + i0 * next_row + j0 * next_col;
    for (int i = 0; i < m; ++i) {
      const Scalar* const from = start + i * next_row;
      Scalar* const to = tile.data + i * side;
      if (next_col == 1) {
        for (int j = 0; j < n; ++j) to[j] = from[j];
      } else {
        for (int j = 0; j < n; ++j) to[j] = from[j * next_col];
      }
      for (int j = n; j < filled; ++j) to[j] = Scalar(0);
    }
  }
  /// What becomes columns of the tile: n of m numbers; zeros up to its last column.
  KOKKOS_INLINE_FUNCTION static void load_turned(const Tile& tile, const Array<const Scalar, 3>& x,
                                                 int task, int i0, int j0, int n, int m) {
    const std::int64_t next_row = x.stride[1], next_col = x.stride[2];
    const Scalar* const from = &x(task, 0, 0) + i0 * next_row + j0 * next_col;
    for (int j = 0; j < m; ++j) {
      for (int i = 0; i < n; ++i) tile(j * side + i) = from[i * next_row + j * next_col];
      for (int i = n; i < side; ++i) tile(j * side + i) = Scalar(0);
    }
  }
};

}  // namespace theria::linear::host

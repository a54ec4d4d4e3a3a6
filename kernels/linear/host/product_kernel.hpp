// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/operands.hpp"
#include "kernels/tile/fragment.hpp"
#include "kernels/tile/host/product.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::linear::host {

/// One thread a 64 × 64 tile of one task's C; the sum over k in chunks of 64, in order.
template <class Scalar, tile::Form form>
struct ProductKernel {
  struct Plan {
    using Space = OpenMP;
    static constexpr int warps = 1;
    static constexpr struct { int teams; } tiling{1};
  };
  static constexpr int rows = 64, cols = 64, chunk = 64;
  using Tile = tile::ScratchArray<Scalar, rows * cols>;
  static constexpr std::size_t scratch = tile::scratch_request(2 * Tile::bytes);
  static constexpr bool a_transposed = form == tile::Form::tn;
  static constexpr bool b_transposed = form == tile::Form::nt;

  ProductOperands<Scalar> args;

  std::int64_t league() const { return ProductTile::count(args.c, rows, cols); }

  KOKKOS_FUNCTION void operator()(const tile::Member<OpenMP>& team) const {
    const ProductTile at(args.c, rows, cols, team.league_rank());
    char* arena = tile::arena_of<OpenMP>(team, scratch);
    const Tile a_tile(arena), b_tile(arena);
    Scalar sum[rows * cols];
    for (int i = 0; i < at.m; ++i)
      for (int j = 0; j < cols; ++j) sum[i * cols + j] = Scalar(0);
    for (const ProductTerm<Scalar>& term : args.term) {
      const int length = term.given() ? term.length(a_transposed) : 0;
      for (int p0 = 0; p0 < length; p0 += chunk) {
        const int k = length - p0 < chunk ? length - p0 : chunk;
        load<a_transposed>(a_tile, term.a, at.task, at.i0, p0, at.m, k);
        load<b_transposed>(b_tile, term.b, at.task, p0, at.j0, k, at.n);
        KOKKOS_IF_ON_HOST(
            (tile::host::product<cols, cols>(sum, tile::host::Strided<Scalar, cols, 1>{a_tile.data},
                                             b_tile.data, tile::Extent{at.m, at.n, k});))
      }
    }
    for (int i = 0; i < at.m; ++i)
      for (int j = 0; j < at.n; ++j)
        args.c(at.task, at.i0 + i, at.j0 + j) =
            args.result(at.task, at.i0 + i, at.j0 + j, sum[i * cols + j]);
  }

 private:
  /// m rows and n columns from (i0, j0) of task's x, or of its transpose; zeros beyond the columns.
  template <bool transposed>
  KOKKOS_INLINE_FUNCTION static void load(const Tile& tile, const Array<const Scalar, 3>& x,
                                          int task, int i0, int j0, int m, int n) {
    const std::int64_t next_row = x.stride[transposed ? 2 : 1],
                       next_col = x.stride[transposed ? 1 : 2];
    const Scalar* const from = &x(task, 0, 0) + i0 * next_row + j0 * next_col;
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) tile(i * cols + j) = from[i * next_row + j * next_col];
      for (int j = n; j < cols; ++j) tile(i * cols + j) = Scalar(0);
    }
  }
};

}  // namespace theria::linear::host

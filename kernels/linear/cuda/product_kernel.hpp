// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/cuda/team.hpp"
#include "kernels/linear/operands.hpp"
#include "kernels/tile/cuda/words.hpp"
#include "kernels/tile/form.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::linear::cuda {

/// 128 threads, in a grid of 8 × 16, a tile of 8·own_rows × 64 of one task's C; a thread holds own_rows × 4 sums in
/// registers. The sum over k in order; chunks of 16 of both operands go through shared memory, which holds two, so that
/// one is read from device memory while the other is used.
template <class Scalar, tile::Form form, int own_rows>
struct ProductKernel {
  using Plan = TeamPlan<4, sizeof(Scalar) == 4 ? 4 : 2>;
  static constexpr int threads = 128, across = 16, own_cols = 4, chunk = 16;
  static constexpr int rows = threads / across * own_rows, cols = across * own_cols;
  static constexpr bool a_transposed = form == tile::Form::tn;
  static constexpr bool b_transposed = form == tile::Form::nt;

  /// A chunk in shared memory: a row is one k, and starts at a multiple of 16 bytes.
  template <int width>
  struct Chunk {
    static constexpr int pitch = width + 4;
    static constexpr int numbers = chunk * pitch;
  };
  using Buffer = tile::ScratchArray<Scalar, 2 * (Chunk<rows>::numbers + Chunk<cols>::numbers)>;
  static constexpr std::size_t scratch = tile::scratch_request(Buffer::bytes);

  ProductOperands<Scalar> args;

  std::int64_t league() const { return ProductTile::count(args.c, rows, cols); }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const ProductTile at(args.c, rows, cols, team.league_rank());
    char* arena = tile::arena_of<Space>(team, scratch);
    const Buffer buffer(arena);
    Scalar* const a_chunks = buffer.data;
    Scalar* const b_chunks = buffer.data + 2 * Chunk<rows>::numbers;
    const int thread = tile::cuda::warp() * 32 + tile::cuda::lane();
    const int my_row = thread / across * own_rows, my_col = thread % across * own_cols;

    Scalar sum[own_rows][own_cols];
    THERIA_UNROLL
    for (int r = 0; r < own_rows; ++r) {
      THERIA_UNROLL
      for (int c = 0; c < own_cols; ++c) sum[r][c] = Scalar(0);
    }

    int turn = 0;
    THERIA_NO_UNROLL
    for (int which = 0; which < ProductOperands<Scalar>::terms; ++which) {
      const ProductTerm<Scalar>& term = args.term[which];
      if (!term.given()) continue;
      const int length = term.length(a_transposed);
      const Source<rows, a_transposed> a(term.a, at.task, at.i0, at.m, length, thread);
      const Source<cols, !b_transposed> b(term.b, at.task, at.j0, at.n, length, thread);
      Scalar a_next[Source<rows, a_transposed>::each], b_next[Source<cols, !b_transposed>::each];
      a.read(0, a_next);
      b.read(0, b_next);
      for (int p0 = 0; p0 < length; p0 += chunk, turn ^= 1) {
        Scalar* const a_chunk = a_chunks + turn * Chunk<rows>::numbers;
        Scalar* const b_chunk = b_chunks + turn * Chunk<cols>::numbers;
        a.put(a_next, a_chunk);
        b.put(b_next, b_chunk);
        team.team_barrier();
        a.read(p0 + chunk, a_next);
        b.read(p0 + chunk, b_next);
        THERIA_UNROLL
        for (int p = 0; p < chunk; ++p) {
          Scalar x[own_rows], y[own_cols];
          take(a_chunk + p * Chunk<rows>::pitch + my_row, x);
          take(b_chunk + p * Chunk<cols>::pitch + my_col, y);
          THERIA_UNROLL
          for (int r = 0; r < own_rows; ++r) {
            THERIA_UNROLL
            for (int c = 0; c < own_cols; ++c) sum[r][c] += x[r] * y[c];
          }
        }
      }
    }
    THERIA_UNROLL
    for (int r = 0; r < own_rows; ++r) {
      THERIA_UNROLL
      for (int c = 0; c < own_cols; ++c)
        if (my_row + r < at.m && my_col + c < at.n) {
          const int i = at.i0 + my_row + r, j = at.j0 + my_col + c;
          args.c(at.task, i, j) = args.result(at.task, i, j, sum[r][c]);
        }
    }
  }

 private:
  /// One operand as the tile sees it: `width` rows of A, or columns of B, by k. `k_outside`: its numbers lie side by
  /// side in memory along that width, else along k; a warp reads along that side.
  template <int width, bool k_outside>
  struct Source {
    static constexpr int each = width * chunk / threads;
    const Scalar* from;
    std::int64_t next_w, next_k;
    int count, length, w, k;

    KOKKOS_INLINE_FUNCTION Source(const Array<const Scalar, 3>& x, int task, int first, int n,
                                  int sum, int thread)
        : from(&x(task, 0, 0)),
          next_w(x.stride[k_outside ? 2 : 1]),
          next_k(x.stride[k_outside ? 1 : 2]),
          count(n),
          length(sum),
          w(k_outside ? thread % width : thread / chunk),
          k(k_outside ? thread / width : thread % chunk) {
      from += first * next_w;
    }
    /// Where this thread's number j of a chunk is.
    KOKKOS_INLINE_FUNCTION int w_of(int j) const {
      return k_outside ? w : w + j * (threads / chunk);
    }
    KOKKOS_INLINE_FUNCTION int k_of(int j) const {
      return k_outside ? k + j * (threads / width) : k;
    }
    KOKKOS_INLINE_FUNCTION void read(int p0, Scalar (&next)[each]) const {
      THERIA_UNROLL
      for (int j = 0; j < each; ++j) {
        const int row = w_of(j), p = p0 + k_of(j);
        next[j] = row < count && p < length ? from[row * next_w + p * next_k] : Scalar(0);
      }
    }
    KOKKOS_INLINE_FUNCTION void put(const Scalar (&next)[each], Scalar* to) const {
      THERIA_UNROLL
      for (int j = 0; j < each; ++j) to[k_of(j) * Chunk<width>::pitch + w_of(j)] = next[j];
    }
  };

  /// N neighbours, in as few reads as there can be.
  template <int N>
  KOKKOS_INLINE_FUNCTION static void take(const Scalar* from, Scalar (&x)[N]) {
    constexpr int at_once = N < tile::cuda::word<Scalar> ? N : tile::cuda::word<Scalar>;
    THERIA_UNROLL
    for (int n = 0; n < N; n += at_once) {
      Scalar piece[at_once];
      tile::cuda::read(piece, from + n);
      THERIA_UNROLL
      for (int i = 0; i < at_once; ++i) x[n + i] = piece[i];
    }
  }
};

}  // namespace theria::linear::cuda

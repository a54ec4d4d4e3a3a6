// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/cuda/words.hpp"

namespace theria::episode::cuda {

/// A block of C that a warp makes in registers, R x C numbers a thread, lanes as row_lanes rows of them. What a
/// thread reads along k comes from rows row_lanes (columns col_lanes) apart, which lie in different banks; what
/// it reads across k are its neighbours.
template <class Scalar, int R, int C, int row_lanes, bool left_turned, bool right_turned>
struct Block {
  static constexpr int col_lanes = 32 / row_lanes, V = word<Scalar>;
  static constexpr int rows = R * row_lanes, cols = C * col_lanes;

  Scalar sum[R][C];
  int m, n, row0, col0;  // of this thread

  KOKKOS_INLINE_FUNCTION Block(int m_, int n_, int first_row, int first_col) : m(m_), n(n_) {
    const int i = tile::cuda::lane() / col_lanes, j = tile::cuda::lane() % col_lanes;
    row0 = first_row + (left_turned ? R * i : i);
    col0 = first_col + (right_turned ? j : C * j);
    THERIA_UNROLL
    for (int r = 0; r < R; ++r) THERIA_UNROLL
    for (int c = 0; c < C; ++c) sum[r][c] = 0;
  }
  KOKKOS_INLINE_FUNCTION int row(int r) const { return row0 + (left_turned ? r : r * row_lanes); }
  KOKKOS_INLINE_FUNCTION int col(int c) const { return col0 + (right_turned ? c * col_lanes : c); }

  /// sum += A B
  KOKKOS_INLINE_FUNCTION void add_product(const Scalar* a, int lda, const Scalar* b, int ldb,
                                          int k) {
    if constexpr (left_turned) {
      static_assert(!right_turned);
      THERIA_UNROLL_4
      for (int p = 0; p < k; ++p) {
        Scalar left[R], right[C];
        read_across<R>(left, a + p * lda, row0, m);
        read_across<C>(right, b + p * ldb, col0, n);
        THERIA_UNROLL
        for (int r = 0; r < R; ++r) THERIA_UNROLL
        for (int c = 0; c < C; ++c) sum[r][c] += left[r] * right[c];
      }
    } else {
      const Scalar* at[R];
      THERIA_UNROLL
      for (int r = 0; r < R; ++r) at[r] = a + Kokkos::min(row(r), m - 1) * lda;
      if constexpr (right_turned) {
        const Scalar* right_at[C];
        THERIA_UNROLL
        for (int c = 0; c < C; ++c) right_at[c] = b + Kokkos::min(col(c), n - 1) * ldb;
        THERIA_UNROLL_2
        for (int p = 0; p < k; p += V) {
          Scalar left[R][V], right[C][V];
          THERIA_UNROLL
          for (int r = 0; r < R; ++r) read(left[r], at[r] + p);
          THERIA_UNROLL
          for (int c = 0; c < C; ++c) read(right[c], right_at[c] + p);
          THERIA_UNROLL
          for (int e = 0; e < V; ++e) THERIA_UNROLL
          for (int r = 0; r < R; ++r) THERIA_UNROLL
          for (int c = 0; c < C; ++c) sum[r][c] += left[r][e] * right[c][e];
        }
      } else {
        THERIA_UNROLL_2
        for (int p = 0; p < k; p += V) {
          Scalar left[R][V], right[V][C];
          THERIA_UNROLL
          for (int r = 0; r < R; ++r) read(left[r], at[r] + p);
          THERIA_UNROLL
          for (int e = 0; e < V; ++e) read_across<C>(right[e], b + (p + e) * ldb, col0, n);
          THERIA_UNROLL
          for (int e = 0; e < V; ++e) THERIA_UNROLL
          for (int r = 0; r < R; ++r) THERIA_UNROLL
          for (int c = 0; c < C; ++c) sum[r][c] += left[r][e] * right[e][c];
        }
      }
    }
  }

  /// C = alpha · sum, or added to it; zeros in what completes a row's last word.
  KOKKOS_INLINE_FUNCTION void store(Matrix<Scalar> out, Write how, Scalar alpha) const {
    const int whole = round_up(n, V);
    THERIA_UNROLL
    for (int r = 0; r < R; ++r) {
      if (row(r) >= m) continue;
      Scalar* const to = out.row(row(r));
      THERIA_UNROLL
      for (int c = 0; c < C; c += step) {
        if (col(c) >= whole) continue;
        Scalar value[step];
        THERIA_UNROLL
        for (int i = 0; i < step; ++i) value[i] = col(c) + i < n ? alpha * sum[r][c + i] : 0;
        if (how == Write::accumulate) {
          Scalar old[step];
          read(old, to + col(c));
          THERIA_UNROLL
          for (int i = 0; i < step; ++i) value[i] += old[i];
        }
        write(to + col(c), value);
      }
    }
  }

 private:
  /// Neighbours in a row of C that a thread holds, up to a word of them.
  static constexpr int step = right_turned ? 1 : (C < V ? C : V);

  /// N neighbours of a row from `first` on, a word or less at a time; past the row's last word that word again.
  template <int N>
  KOKKOS_INLINE_FUNCTION static void read_across(Scalar (&to)[N], const Scalar* from, int first,
                                                 int extent) {
    constexpr int part = N < V ? N : V;
    const int last = round_up(extent, V) - part;
    THERIA_UNROLL
    for (int i = 0; i < N; i += part) {
      Scalar piece[part];
      read(piece, from + Kokkos::min(first + i, last));
      THERIA_UNROLL
      for (int j = 0; j < part; ++j) to[i + j] = piece[j];
    }
  }
};

/// C = alpha A op(B), or added to it, the blocks of C spread over the team's warps.
template <class B, class Scalar>
KOKKOS_INLINE_FUNCTION void product_of_blocks(Matrix<Scalar> c, Write how, Scalar alpha,
                                              const Scalar* a, int lda, const Scalar* b, int ldb,
                                              int m, int n, int k, int warps) {
  const int across = (n + B::cols - 1) / B::cols, down = (m + B::rows - 1) / B::rows;
  for (int i = tile::cuda::warp(); i < down * across; i += warps) {
    B block(m, n, i / across * B::rows, i % across * B::cols);
    block.add_product(a, lda, b, ldb, k);
    block.store(c, how, alpha);
  }
}

/// A block for as many rows as there are: the larger, the fewer numbers are read for a product.
template <bool left_turned, bool right_turned, class Scalar>
THERIA_TEAM_FUNCTION void product(Matrix<Scalar> c, Write how, Scalar alpha, const Scalar* a,
                                  int lda, const Scalar* b, int ldb, int m, int n, int k,
                                  int warps) {
  if (m <= 8) {
    using B = Block<Scalar, 1, 2, 8, left_turned, right_turned>;
    product_of_blocks<B>(c, how, alpha, a, lda, b, ldb, m, n, k, warps);
  } else if (m <= 32) {
    using B = Block<Scalar, 2, 2, 8, left_turned, right_turned>;
    product_of_blocks<B>(c, how, alpha, a, lda, b, ldb, m, n, k, warps);
  } else {
    using B = Block<Scalar, 4, 4, 8, left_turned, right_turned>;
    product_of_blocks<B>(c, how, alpha, a, lda, b, ldb, m, n, k, warps);
  }
}

}  // namespace theria::episode::cuda

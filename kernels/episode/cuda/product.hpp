// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/cuda/lanes.hpp"

namespace theria::episode::cuda {

/// A block of C that a warp makes in registers: R x C neighbouring numbers a thread, row_lanes x col_lanes of them,
/// the sum over k dealt to the lanes that are left. Words go along k where a factor's rows do. Which lane is where:
/// neighbours differ in their columns, the next in their rows, so that each factor is read by pairs of lanes at the
/// same place, for which shared memory takes half the time.
template <class Scalar, int R, int C, int row_lanes, int col_lanes, bool left_turned,
          bool right_turned>
struct Block {
  static constexpr int k_lanes = 32 / (row_lanes * col_lanes), V = word<Scalar>;
  static constexpr int rows = R * row_lanes, cols = C * col_lanes;

  Scalar sum[R * C];
  int m, n, row0, col0, k0;  // of this thread

  KOKKOS_INLINE_FUNCTION Block(int m_, int n_, int first_row, int first_col) : m(m_), n(n_) {
    const int lane = tile::cuda::lane();
    k0 = lane / 4 % k_lanes;
    row0 = first_row;
    if constexpr (k_lanes == 8) {
      static_assert(col_lanes == 4);
      col0 = first_col + C * (lane % 4);
    } else if constexpr (k_lanes == 4) {
      static_assert(row_lanes == 4);
      col0 = first_col + C * (lane % 2);
      row0 += R * (lane / 2 % 2 + lane / 16 * 2);
    } else {
      static_assert(k_lanes == 1 && row_lanes == 8);
      col0 = first_col + C * (lane % 2 + lane / 16 * 2);
      row0 += R * (lane / 2 % 8);
    }
    THERIA_UNROLL
    for (int q = 0; q < R * C; ++q) sum[q] = 0;
  }

  /// sum += A op(B)
  KOKKOS_INLINE_FUNCTION void add_product(const Scalar* a, int lda, const Scalar* b, int ldb,
                                          int k) {
    if constexpr (left_turned) {
      static_assert(!right_turned);
      Across<R> left(a + k0 * lda, row0, m);
      Across<C> right(b + k0 * ldb, col0, n);
      THERIA_UNROLL_2
      for (int p = k0; p < k; p += k_lanes) {
        Scalar x[R], y[C];
        left.read_and_go(x, lda * k_lanes);
        right.read_and_go(y, ldb * k_lanes);
        THERIA_UNROLL
        for (int r = 0; r < R; ++r) {
          THERIA_UNROLL
          for (int c = 0; c < C; ++c) sum[r * C + c] += x[r] * y[c];
        }
      }
    } else {
      const Scalar* left[R];
      THERIA_UNROLL
      for (int r = 0; r < R; ++r) left[r] = a + Kokkos::min(row0 + r, m - 1) * lda;
      if constexpr (right_turned) {
        const Scalar* right[C];
        THERIA_UNROLL
        for (int c = 0; c < C; ++c) right[c] = b + Kokkos::min(col0 + c, n - 1) * ldb;
        THERIA_NO_UNROLL
        for (int p = V * k0; p < k; p += V * k_lanes) {
          Scalar y[C][V];
          THERIA_UNROLL
          for (int c = 0; c < C; ++c) read(y[c], right[c] + p);
          THERIA_UNROLL
          for (int r = 0; r < R; ++r) {
            if (row_lanes == 1 && r >= m) continue;
            Scalar x[V];
            read(x, left[r] + p);
            THERIA_UNROLL
            for (int e = 0; e < V; ++e) {
              THERIA_UNROLL
              for (int c = 0; c < C; ++c) sum[r * C + c] += x[e] * y[c][e];
            }
          }
        }
      } else {
        // Rows of a word's length apart lie 16 or no banks apart: every other pair of lanes takes the halves of its
        // words in the other order.
        constexpr int half = V / 2;
        const int swap = k_lanes == 4 ? k0 / 2 * half : 0;
        Across<C> low(b + (V * k0 + swap) * ldb, col0, n);
        Across<C> high(b + (V * k0 + half - swap) * ldb, col0, n);
        THERIA_NO_UNROLL
        for (int p = V * k0; p < k; p += V * k_lanes) {
          Scalar y[V][C];
          THERIA_UNROLL
          for (int e = 0; e < half; ++e) {
            low.read_and_go(y[e], ldb);
            high.read_and_go(y[half + e], ldb);
          }
          low.go((V * k_lanes - half) * ldb);
          high.go((V * k_lanes - half) * ldb);
          THERIA_UNROLL
          for (int r = 0; r < R; ++r) {
            if (row_lanes == 1 && r >= m) continue;
            Scalar x[2][half];
            read(x[0], left[r] + p + swap);
            read(x[1], left[r] + p + half - swap);
            THERIA_UNROLL
            for (int e = 0; e < V; ++e) {
              THERIA_UNROLL
              for (int c = 0; c < C; ++c) sum[r * C + c] += x[e / half][e % half] * y[e][c];
            }
          }
        }
      }
    }
  }

  /// C = alpha · sum, or added to it; zeros in what completes a row's last word.
  KOKKOS_INLINE_FUNCTION void store(Scalar* out, int ld, bool add, Scalar alpha) {
    constexpr int numbers = R * C / k_lanes, part = numbers < V ? numbers : V;
    static_assert(C % part == 0 || part % C == 0);
    if constexpr (k_lanes > 1) halve<R * C, 2 * k_lanes, 4>(sum);
    // Of the thread's block in the order of its rows, `numbers` from here on.
    const int first = k0 * numbers;
    Scalar old[numbers] = {};
    const auto each = [&](const auto& f) {
      THERIA_UNROLL
      for (int q = 0; q < numbers; q += part) {
        const int row = row0 + (first + q) / C, col = col0 + (first + q) % C;
        if (row < m && col < round_up(n, V)) f(q, col, out + row * ld + col);
      }
    };
    if (add)
      each([&](int q, int, const Scalar* at) {
        Scalar piece[part];
        read(piece, at);
        THERIA_UNROLL
        for (int i = 0; i < part; ++i) old[q + i] = piece[i];
      });
    each([&](int q, int col, Scalar* at) {
      Scalar piece[part];
      THERIA_UNROLL
      for (int i = 0; i < part; ++i) {
        piece[i] = old[q + i] + alpha * sum[q + i];
        if (right_turned && col + i >= n) piece[i] = 0;
      }
      write(at, piece);
    });
  }

 private:
  /// N neighbours of every row, a word or less at a time; past the row's last word that word again.
  template <int N>
  struct Across {
    static constexpr int part = N < V ? N : V;
    const Scalar* from[N / part];

    KOKKOS_INLINE_FUNCTION Across(const Scalar* start, int first, int extent) {
      THERIA_UNROLL
      for (int i = 0; i < N / part; ++i)
        from[i] = start + Kokkos::min(first + i * part, round_up(extent, V) - part);
    }
    KOKKOS_INLINE_FUNCTION void go(int numbers) {
      THERIA_UNROLL
      for (int i = 0; i < N / part; ++i) from[i] += numbers;
    }
    KOKKOS_INLINE_FUNCTION void read_and_go(Scalar (&to)[N], int ld) {
      THERIA_UNROLL
      for (int i = 0; i < N / part; ++i) {
        Scalar piece[part];
        read(piece, from[i]);
        THERIA_UNROLL
        for (int j = 0; j < part; ++j) to[i * part + j] = piece[j];
      }
      go(ld);
    }
  };
};

/// C = alpha (A op(B) + A' op(B')), or added to C, in blocks that are spread over the team's warps; A' may be null.
/// Everything is an argument of its own, so that all of them are in registers.
template <class Block, bool near, class Scalar>
KOKKOS_INLINE_FUNCTION void product_of_blocks(Scalar* c, int ldc, bool add, Scalar alpha,
                                              const Scalar* a, int lda, const Scalar* b, int ldb,
                                              const Scalar* other_a, int other_lda,
                                              const Scalar* other_b, int other_ldb, int m, int n,
                                              int k, int warps) {
  const auto at = [](auto* p) { return near ? in_shared(p) : p; };
  int row = 0, col = tile::cuda::warp() * Block::cols;
  const auto wrap = [&] {
    for (; col >= n && row < m; row += Block::rows) col -= round_up(n, Block::cols);
  };
  THERIA_NO_UNROLL
  for (wrap(); row < m; col += warps * Block::cols, wrap()) {
    Block block(m, n, row, col);
    THERIA_NO_UNROLL
    for (int term = 0; term < (other_a == nullptr ? 1 : 2); ++term) {
      const bool first = term == 0;
      block.add_product(at(first ? a : other_a), first ? lda : other_lda, at(first ? b : other_b),
                        first ? ldb : other_ldb, k);
    }
    block.store(at(c), ldc, add, alpha);
  }
}

/// A block for as many rows as there are: the larger, the fewer numbers are read for a product.
template <bool left_turned, bool right_turned, bool near, class Scalar>
THERIA_TEAM_FUNCTION void product(Scalar* c, int ldc, bool add, Scalar alpha, const Scalar* a,
                                  int lda, const Scalar* b, int ldb, const Scalar* other_a,
                                  int other_lda, const Scalar* other_b, int other_ldb, int m, int n,
                                  int k, int warps) {
  const auto go = [&]<class Block>() {
    product_of_blocks<Block, near>(c, ldc, add, alpha, a, lda, b, ldb, other_a, other_lda, other_b,
                                   other_ldb, m, n, k, warps);
  };
  if (m <= 8) {
    go.template operator()<Block<Scalar, 8, 2, 1, 4, left_turned, right_turned>>();
  } else if constexpr (left_turned) {
    go.template operator()<Block<Scalar, 4, 4, 8, 4, true, false>>();
  } else {
    go.template operator()<Block<Scalar, 4, 4, 4, 2, false, right_turned>>();
  }
}

}  // namespace theria::episode::cuda

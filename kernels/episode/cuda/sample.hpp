// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/cuda/words.hpp"

namespace theria::episode::cuda {

/// Rows that are read across a warp: lane 4 i + j has, of the rows i, i + 8 …, the words j, j + 4 … of 64
/// numbers. A sum over numbers is one over j, a sum over rows one over i.
inline constexpr int chunk = 64, per_lane = 16, rows_at_once = 4;

KOKKOS_INLINE_FUNCTION int row_lane() { return tile::cuda::lane() / 4; }
KOKKOS_INLINE_FUNCTION int word_lane() { return tile::cuda::lane() % 4; }

/// This lane's 16 of the 64 numbers of a row from `first` on; zeros past the last of n.
template <class Scalar>
KOKKOS_INLINE_FUNCTION void read_chunk(Scalar (&to)[per_lane], const Scalar* row, int first,
                                       int n) {
  constexpr int V = word<Scalar>;
  THERIA_UNROLL
  for (int w = 0; w < per_lane / V; ++w) {
    const int at = first + V * (word_lane() + 4 * w);
    Scalar piece[V] = {};
    if (at < n) read(piece, row + at);
    THERIA_UNROLL
    for (int e = 0; e < V; ++e) to[V * w + e] = piece[e];
  }
}

/// Sums `count` numbers over the lanes that differ in the bits from `mask` down to `least`: at each bit a lane
/// keeps one half of them and gives the other away; it ends with the number[0 …) of its own bits.
template <int count, int mask, int least, int N, class Scalar>
KOKKOS_INLINE_FUNCTION void halve_from(Scalar (&number)[N]) {
  constexpr int half = count / 2;
  const bool upper = (tile::cuda::lane() & mask) != 0;
  THERIA_UNROLL
  for (int q = 0; q < half; ++q) {
    const Scalar give = upper ? number[q] : number[q + half];
    const Scalar keep = upper ? number[q + half] : number[q];
    number[q] = keep + tile::cuda::shuffle_xor(give, mask);
  }
  if constexpr (mask > least) halve_from<half, mask / 2, least>(number);
}

/// out[t] for the rows t = first + i + 8 a of which this lane has shares of a sum over numbers.
template <class Scalar>
KOKKOS_INLINE_FUNCTION void store_dots(Scalar* out, Scalar (&share)[rows_at_once], int first,
                                       int count) {
  halve_from<rows_at_once, 2, 1>(share);
  const int t = first + row_lane() + 8 * word_lane();
  if (t < count) out[t] = share[0];
}

/// out[64 numbers from `first` on] of which this lane has shares of a sum over rows.
template <class Scalar>
KOKKOS_INLINE_FUNCTION void store_mix(Scalar* out, Write how, Scalar (&share)[per_lane], int first,
                                      int n) {
  constexpr int V = word<Scalar>;
  halve_from<per_lane, 16, 4>(share);
  const int q = 2 * row_lane();  // of its 16 numbers the two that are this lane's now
  const int at = first + V * (word_lane() + 4 * (q / V));
  if (at >= n) return;
  Scalar* const to = out + at + q % V;
  Scalar pair[2] = {share[0], share[1]};
  if (how == Write::accumulate) {
    Scalar old[2];
    read(old, to);
    pair[0] += old[0];
    pair[1] += old[1];
  }
  write(to, pair);
}

/// What a warp does to the rows of one sample; each operation is seen by the whole warp when it ends.
template <class Scalar>
struct One {
  static constexpr int lanes = 32;

  /// f(i) for i < count, in any order.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void for_each(int count, const Function& f) {
    for (int i = tile::cuda::lane(); i < count; i += lanes) f(i);
    tile::cuda::sync_warp();
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void once(const Function& f) {
    if (tile::cuda::lane() == 0) f();
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static Scalar sum(int count, const Function& f) {
    Scalar total = 0;
    for (int i = tile::cuda::lane(); i < count; i += lanes) total += f(i);
    for (int step = lanes / 2; step > 0; step /= 2) total += tile::cuda::shuffle_xor(total, step);
    return total;
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static Scalar max(int count, const Function& f) {
    Scalar top = f(0);
    for (int i = tile::cuda::lane(); i < count; i += lanes) top = f(i) > top ? f(i) : top;
    for (int step = lanes / 2; step > 0; step /= 2) {
      const Scalar other = tile::cuda::shuffle_xor(top, step);
      top = other > top ? other : top;
    }
    return top;
  }
  KOKKOS_INLINE_FUNCTION static Scalar exponential(Scalar x) { return Kokkos::exp(x); }

  /// out[t] = rows_t · v for t < count; rows and v of n numbers, whole words of them.
  KOKKOS_INLINE_FUNCTION static void dots(Scalar* out, Matrix<const Scalar> rows, int count,
                                          const Scalar* v, int n) {
    for (int first = 0; first < count; first += 8 * rows_at_once) {
      Scalar share[rows_at_once] = {};
      for (int start = 0; start < n; start += chunk) {
        Scalar right[per_lane];
        read_chunk(right, v, start, n);
        THERIA_UNROLL
        for (int a = 0; a < rows_at_once; ++a) {
          const int t = first + row_lane() + 8 * a;
          if (t >= count) continue;
          Scalar left[per_lane];
          read_chunk(left, rows.row(t), start, n);
          THERIA_UNROLL
          for (int q = 0; q < per_lane; ++q) share[a] += left[q] * right[q];
        }
      }
      store_dots(out, share, first, count);
    }
    tile::cuda::sync_warp();
  }

  /// out (n) = Σ_t weight[t] rows_t over t < count, or added to it.
  KOKKOS_INLINE_FUNCTION static void mix(Scalar* out, Write how, const Scalar* weight,
                                         Matrix<const Scalar> rows, int count, int n) {
    for (int start = 0; start < n; start += chunk) {
      Scalar share[per_lane] = {};
      for (int t = row_lane(); t < count; t += 8) {
        const Scalar w = weight[t];
        Scalar x[per_lane];
        read_chunk(x, rows.row(t), start, n);
        THERIA_UNROLL
        for (int q = 0; q < per_lane; ++q) share[q] += w * x[q];
      }
      store_mix(out, how, share, start, n);
    }
    tile::cuda::sync_warp();
  }
};

/// X_b where it is too large for registers.
template <class Scalar>
struct Sequence {
  Matrix<const Scalar> x;
  int tokens, features;

  KOKKOS_INLINE_FUNCTION Sequence(Matrix<const Scalar> x_, int tokens_, int features_)
      : x(x_), tokens(tokens_), features(features_) {}

  /// out[t] = x_t · v
  KOKKOS_INLINE_FUNCTION void dots(Scalar* out, const Scalar* v) const {
    One<Scalar>::dots(out, x, tokens, v, features);
  }
  /// out (F) = Σ_t weight[t] x_t
  KOKKOS_INLINE_FUNCTION void mix(Scalar* out, const Scalar* weight) const {
    One<Scalar>::mix(out, Write::overwrite, weight, x, tokens, features);
  }
};

/// X_b in the registers of a warp, from the first of its uses to the last: up to 32 tokens of 64 features.
template <class Scalar>
struct ResidentSequence {
  static constexpr int most_tokens = 8 * rows_at_once, most_features = chunk;

  Scalar x[rows_at_once][per_lane];
  int tokens, features;

  KOKKOS_INLINE_FUNCTION ResidentSequence(Matrix<const Scalar> from, int tokens_, int features_)
      : tokens(tokens_), features(features_) {
    THERIA_UNROLL
    for (int a = 0; a < rows_at_once; ++a) {
      const int t = row_lane() + 8 * a;
      read_chunk(x[a], from.row(t), 0, t < tokens ? features : 0);
    }
  }

  KOKKOS_INLINE_FUNCTION void dots(Scalar* out, const Scalar* v) const {
    Scalar right[per_lane], share[rows_at_once] = {};
    read_chunk(right, v, 0, features);
    THERIA_UNROLL
    for (int a = 0; a < rows_at_once; ++a) THERIA_UNROLL
    for (int q = 0; q < per_lane; ++q) share[a] += x[a][q] * right[q];
    store_dots(out, share, 0, tokens);
    tile::cuda::sync_warp();
  }
  KOKKOS_INLINE_FUNCTION void mix(Scalar* out, const Scalar* weight) const {
    Scalar share[per_lane] = {};
    THERIA_UNROLL
    for (int a = 0; a < rows_at_once; ++a) {
      const int t = row_lane() + 8 * a;
      const Scalar w = t < tokens ? weight[t] : Scalar(0);
      THERIA_UNROLL
      for (int q = 0; q < per_lane; ++q) share[q] += w * x[a][q];
    }
    store_mix(out, Write::overwrite, share, 0, features);
    tile::cuda::sync_warp();
  }
};

}  // namespace theria::episode::cuda

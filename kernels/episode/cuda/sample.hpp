// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/cuda/lanes.hpp"

namespace theria::episode::cuda {

/// Rows that are read across a warp: lane 4 i + j has, of the rows i, i + 8 …, the words j, j + 4 … of 64
/// numbers. A sum over numbers is one over j, a sum over rows one over i.
inline constexpr int chunk = 64, per_lane = 16, rows_at_once = 4;

KOKKOS_INLINE_FUNCTION int row_lane() { return tile::cuda::lane() / 4; }
KOKKOS_INLINE_FUNCTION int word_lane() { return tile::cuda::lane() % 4; }

/// This lane's 16 of the 64 numbers of a row from `first` on; zeros past the last of n.
template <class Scalar, class Row>
KOKKOS_INLINE_FUNCTION void read_chunk(Scalar (&to)[per_lane], const Row* row, int first, int n) {
  constexpr int V = word<Scalar>;
  const int start = first + V * word_lane();
  const Row* const from = row + start;
  THERIA_UNROLL
  for (int w = 0; w < per_lane / V; ++w) {
    Row piece[V] = {};
    if (start + 4 * V * w < n) read(piece, from + 4 * V * w);
    THERIA_UNROLL
    for (int e = 0; e < V; ++e) to[V * w + e] = static_cast<Scalar>(piece[e]);
  }
}

/// out[t] for the rows t = first + i + 8 a of which this lane has shares of a sum over numbers.
template <class Scalar>
KOKKOS_INLINE_FUNCTION void store_dots(Scalar* out, Scalar (&share)[rows_at_once], int first,
                                       int count) {
  halve<rows_at_once, 2, 1>(share);
  const int t = first + row_lane() + 8 * word_lane();
  if (t < count) out[t] = share[0];
}

/// out[64 numbers from `first` on] of which this lane has shares of a sum over rows.
template <class Scalar>
KOKKOS_INLINE_FUNCTION void store_mix(Scalar* out, Write how, Scalar (&share)[per_lane], int first,
                                      int n) {
  constexpr int V = word<Scalar>;
  halve<per_lane, 16, 4>(share);
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
template <class Scalar, bool near>
struct One {
  static constexpr int lanes = 32;

  /// A row of the desk, of which is known where it is.
  template <class T>
  KOKKOS_INLINE_FUNCTION static T* at(T* p) {
    return near ? in_shared(p) : p;
  }

  /// f(i) for i < count, in any order.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void for_each(int count, const Function& f) {
    THERIA_NO_UNROLL
    for (int i = tile::cuda::lane(); i < count; i += lanes) f(i);
    tile::cuda::sync_warp();
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void once(const Function& f) {
    if (tile::cuda::lane() == 0) f();
  }
  /// Σ f(i) over i < count, in an order that depends on count alone: by the whole warp, or where eight lanes have
  /// enough to do by every eight for themselves.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static Scalar sum(int count, const Function& f) {
    return reduce(count, Scalar(0), f, [](Scalar x, Scalar y) { return x + y; });
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static Scalar max(int count, const Function& f) {
    return reduce(count, f(0), f, [](Scalar x, Scalar y) { return y > x ? y : x; });
  }
  KOKKOS_INLINE_FUNCTION static Scalar exponential(Scalar x) { return Kokkos::exp(x); }

  /// out[t] = rows_t · v for t < count; rows and v of n numbers, whole words of them.
  template <class Row>
  KOKKOS_INLINE_FUNCTION static void dots(Scalar* out, Matrix<Row> rows, int count, const Scalar* v,
                                          int n) {
    rows.data = at(rows.data);
    THERIA_NO_UNROLL
    for (int first = 0; first < count; first += 8) {
      const int t = first + row_lane();
      const Row* const row = rows.data + Kokkos::min(t, count - 1) * rows.ld;
      Scalar part[4] = {};  // sums that don't wait for one another
      THERIA_NO_UNROLL
      for (int start = 0; start < n; start += chunk) {
        Scalar left[per_lane], right[per_lane];
        read_chunk(left, row, start, n);
        read_chunk(right, at(v), start, n);
        THERIA_UNROLL
        for (int q = 0; q < per_lane; ++q) part[q % 4] += left[q] * right[q];
      }
      Scalar share = (part[0] + part[1]) + (part[2] + part[3]);
      share += tile::cuda::shuffle_xor(share, 2);
      share += tile::cuda::shuffle_xor(share, 1);
      if (t < count && word_lane() == 0) at(out)[t] = share;
    }
    tile::cuda::sync_warp();
  }

  /// out (n) = Σ_t weight[t] rows_t over t < count, or added to it.
  template <class Row>
  KOKKOS_INLINE_FUNCTION static void mix(Scalar* out, Write how, const Scalar* weight,
                                         Matrix<Row> rows, int count, int n) {
    rows.data = at(rows.data);
    THERIA_NO_UNROLL
    for (int start = 0; start < n; start += chunk) {
      Scalar share[per_lane] = {};
      THERIA_NO_UNROLL
      for (int t = row_lane(); t < count; t += 8) {
        const Scalar w = at(weight)[t];
        Scalar x[per_lane];
        read_chunk(x, rows.data + t * rows.ld, start, n);
        THERIA_UNROLL
        for (int q = 0; q < per_lane; ++q) share[q] += w * x[q];
      }
      store_mix(at(out), how, share, start, n);
    }
    tile::cuda::sync_warp();
  }

 private:
  template <class Function, class Op>
  KOKKOS_INLINE_FUNCTION static Scalar reduce(int count, Scalar start, const Function& f,
                                              const Op& op) {
    const int group = count <= 8 ? 8 : lanes;
    THERIA_NO_UNROLL
    for (int i = tile::cuda::lane() % group; i < count; i += group) start = op(start, f(i));
    if (group == lanes) {
      start = op(start, tile::cuda::shuffle_xor(start, 16));
      start = op(start, tile::cuda::shuffle_xor(start, 8));
    }
    THERIA_UNROLL
    for (int step = 4; step > 0; step /= 2) start = op(start, tile::cuda::shuffle_xor(start, step));
    return start;
  }
};

/// X_b where it is too large for registers.
template <class Scalar, class Input>
struct Sequence {
  Matrix<const Input> x;
  int tokens, features;

  KOKKOS_INLINE_FUNCTION Sequence(Matrix<const Input> x_, int tokens_, int features_)
      : x(x_), tokens(tokens_), features(features_) {}

  /// out[t] = x_t · v
  KOKKOS_INLINE_FUNCTION void dots(Scalar* out, const Scalar* v) const {
    One<Scalar, false>::dots(out, x, tokens, v, features);
  }
  /// out (F) = Σ_t weight[t] x_t
  KOKKOS_INLINE_FUNCTION void mix(Scalar* out, const Scalar* weight) const {
    One<Scalar, false>::mix(out, Write::overwrite, weight, x, tokens, features);
  }
};

/// X_b in the registers of a warp, from the first of its uses to the last: up to 32 tokens of 64 features, the rows
/// beside it in shared memory.
template <class Scalar>
struct ResidentSequence {
  static constexpr int most_tokens = 8 * rows_at_once, most_features = chunk;

  Scalar x[rows_at_once][per_lane];
  int tokens, features;

  template <class Input>
  KOKKOS_INLINE_FUNCTION ResidentSequence(Matrix<const Input> from, int tokens_, int features_)
      : tokens(tokens_), features(features_) {
    THERIA_UNROLL
    for (int a = 0; a < rows_at_once; ++a) {
      const int t = row_lane() + 8 * a;
      read_chunk(x[a], in_global(from.data) + t * from.ld, 0, t < tokens ? features : 0);
    }
  }

  KOKKOS_INLINE_FUNCTION void dots(Scalar* out, const Scalar* v) const {
    Scalar right[per_lane], share[rows_at_once] = {};
    read_chunk(right, in_shared(v), 0, features);
    THERIA_UNROLL
    for (int a = 0; a < rows_at_once; ++a) {
      THERIA_UNROLL
      for (int q = 0; q < per_lane; ++q) share[a] += x[a][q] * right[q];
    }
    store_dots(in_shared(out), share, 0, tokens);
    tile::cuda::sync_warp();
  }
  KOKKOS_INLINE_FUNCTION void mix(Scalar* out, const Scalar* weight) const {
    Scalar share[per_lane] = {};
    THERIA_UNROLL
    for (int a = 0; a < rows_at_once; ++a) {
      const int t = row_lane() + 8 * a;
      const Scalar w = t < tokens ? in_shared(weight)[t] : Scalar(0);
      THERIA_UNROLL
      for (int q = 0; q < per_lane; ++q) share[q] += w * x[a][q];
    }
    store_mix(in_shared(out), Write::overwrite, share, 0, features);
    tile::cuda::sync_warp();
  }
};

}  // namespace theria::episode::cuda

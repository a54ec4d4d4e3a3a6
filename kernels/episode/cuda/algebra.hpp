// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/cuda/product.hpp"
#include "kernels/episode/cuda/sample.hpp"
#include "kernels/episode/samples.hpp"

namespace theria::episode::cuda {

inline constexpr int warps = 8, threads = 32 * warps;

/// What a team of warps does to matrices. Between operations of which one reads what another wrote stands
/// arrive(). Rows end with whole words (16 bytes), in which past the last number are zeros.
/// `snug`: a sequence fits into a warp's registers, and all but the weights into shared memory.
template <class Scalar, bool snug>
struct Algebra {
  using One = cuda::One<Scalar, snug>;
  template <class Input>
  using Sequence =
      std::conditional_t<snug, ResidentSequence<Scalar>, cuda::Sequence<Scalar, Input>>;
  static constexpr bool copies_record = true;

  KOKKOS_INLINE_FUNCTION static void arrive() { tile::cuda::sync_team(); }

  /// C = alpha A B, or C += alpha A B; C (m,n), A (m,k), B (k,n).
  template <bool left_turned, bool right_turned>
  KOKKOS_INLINE_FUNCTION static void product(Matrix<Scalar> c, Write write, Scalar alpha,
                                             Operand<Scalar, left_turned> a,
                                             Operand<Scalar, right_turned> b, int m, int n, int k) {
    products<left_turned, right_turned>(c, write, alpha, a, b, {nullptr, 0, true},
                                        {nullptr, 0, true}, m, n, k);
  }
  /// C = alpha (A B + A' B'), or added to C.
  template <bool left_turned, bool right_turned>
  KOKKOS_INLINE_FUNCTION static void products(Matrix<Scalar> c, Write write, Scalar alpha,
                                              Operand<Scalar, left_turned> a,
                                              Operand<Scalar, right_turned> b,
                                              Operand<Scalar, left_turned> other_a,
                                              Operand<Scalar, right_turned> other_b, int m, int n,
                                              int k) {
    const bool near = c.near && a.near && b.near && other_a.near && other_b.near;
    const bool add = write == Write::accumulate;
    if (near) {
      cuda::product<left_turned, right_turned, true>(c.data, c.ld, add, alpha, a.data, a.ld, b.data,
                                                     b.ld, other_a.data, other_a.ld, other_b.data,
                                                     other_b.ld, m, n, k, warps);
    } else {
      cuda::product<left_turned, right_turned, false>(c.data, c.ld, add, alpha, a.data, a.ld,
                                                      b.data, b.ld, other_a.data, other_a.ld,
                                                      other_b.data, other_b.ld, m, n, k, warps);
    }
  }

  /// in as the right operand inᵀ of a product; products read it turned, so that turn() has nothing to do.
  KOKKOS_INLINE_FUNCTION static Operand<Scalar, true> turned(Matrix<const Scalar>,
                                                             Matrix<const Scalar> in) {
    return {in.data, in.ld, in.near};
  }
  KOKKOS_INLINE_FUNCTION static void turn(Matrix<Scalar>, Matrix<const Scalar>, int, int) {}

  /// f(i,j) for i < rows and j < cols, in any order.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void for_each_place(int rows, int cols, const Function& f) {
    for (int j = tile::cuda::lane(); j < cols; j += 32) {
      THERIA_UNROLL_8
      for (int i = tile::cuda::warp(); i < rows; i += warps) f(i, j);
    }
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void once(const Function& f) {
    if (thread() == 0) f();
  }

  /// With what completes the rows' last words.
  THERIA_TEAM_FUNCTION static void copy(Matrix<Scalar> to, Matrix<const Scalar> from, int rows,
                                        int cols) {
    for_each_place(rows, round_up(cols, word<Scalar>),
                   [&](int i, int j) { to.row(i)[j] = from.row(i)[j]; });
  }
  /// As many whole words of neighbours.
  THERIA_TEAM_FUNCTION static void copy_words(Scalar* to, const Scalar* from, int numbers) {
    constexpr int V = word<Scalar>;
    THERIA_UNROLL_8
    for (int i = V * thread(); i < numbers; i += V * threads) {
      Scalar piece[V];
      read(piece, from + i);
      cuda::write(to + i, piece);
    }
  }
  /// out (cols) += factor · Σ_i in_i, one after the other.
  THERIA_TEAM_FUNCTION static void add_rows(Scalar* out, Scalar factor, Matrix<const Scalar> in,
                                            int rows, int cols) {
    for_each_place(1, cols, [&](int, int j) {
      Scalar sum = out[j];
      THERIA_UNROLL_4
      for (int i = 0; i < rows; ++i) sum += factor * in.row(i)[j];
      out[j] = sum;
    });
  }

  /// Calls stages(each) for every sample, one a warp; each(f) calls f(b, X_b).
  template <class Input, class Stages>
  KOKKOS_INLINE_FUNCTION static void for_each_sample(const Samples<Scalar, Input>& set,
                                                     const Stages& stages) {
    THERIA_NO_UNROLL
    for (int b = tile::cuda::warp(); b < set.count; b += warps) {
      const Sequence<Input> x(set.sequence(b), set.tokens, set.features);
      stages([&](const auto& f) { f(b, x); });
    }
  }

 private:
  KOKKOS_INLINE_FUNCTION static int thread() {
    return 32 * tile::cuda::warp() + tile::cuda::lane();
  }
};

}  // namespace theria::episode::cuda

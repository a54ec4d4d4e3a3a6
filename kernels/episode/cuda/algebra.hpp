// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/cuda/product.hpp"
#include "kernels/episode/cuda/sample.hpp"
#include "kernels/episode/samples.hpp"

namespace theria::episode::cuda {

inline constexpr int warps = 8, threads = 32 * warps;

/// What a team of warps does to matrices. Between operations of which one reads what another wrote stands
/// arrive(). Rows end with whole words (16 bytes), in which past the last number are zeros.
template <class Scalar, bool resident>
struct Algebra {
  using One = cuda::One<Scalar>;
  using Sequence = std::conditional_t<resident, ResidentSequence<Scalar>, cuda::Sequence<Scalar>>;
  static constexpr bool copies_record = true;

  KOKKOS_INLINE_FUNCTION static void arrive() { tile::cuda::sync_team(); }

  /// C = alpha A B, or C += alpha A B; C (m,n), A (m,k), B (k,n).
  template <bool left_turned, bool right_turned>
  KOKKOS_INLINE_FUNCTION static void product(Matrix<Scalar> c, Write write, Scalar alpha,
                                             Operand<Scalar, left_turned> a,
                                             Operand<Scalar, right_turned> b, int m, int n, int k) {
    cuda::product<left_turned, right_turned>(c, write, alpha, a.data, a.ld, b.data, b.ld, m, n, k,
                                             warps);
  }

  /// in as the right operand inᵀ of a product; products read it turned, so that turn() has nothing to do.
  KOKKOS_INLINE_FUNCTION static Operand<Scalar, true> turned(Matrix<const Scalar>,
                                                             Matrix<const Scalar> in) {
    return {in.data, in.ld};
  }
  KOKKOS_INLINE_FUNCTION static void turn(Matrix<Scalar>, Matrix<const Scalar>, int, int) {}

  /// f(i,j) for i < rows and j < cols, in any order.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void for_each_place(int rows, int cols, const Function& f) {
    for (int i = thread(); i < rows * cols; i += threads) f(i / cols, i % cols);
  }
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void once(const Function& f) {
    if (thread() == 0) f();
  }

  /// With what completes the rows' last words.
  KOKKOS_INLINE_FUNCTION static void copy(Matrix<Scalar> to, Matrix<const Scalar> from, int rows,
                                          int cols) {
    constexpr int V = word<Scalar>;
    for_each_place(rows, (cols + V - 1) / V, [&](int i, int w) {
      Scalar piece[V];
      read(piece, from.row(i) + V * w);
      cuda::write(to.row(i) + V * w, piece);
    });
  }
  /// out += factor · in
  KOKKOS_INLINE_FUNCTION static void add_scaled(Matrix<Scalar> out, Scalar factor,
                                                Matrix<const Scalar> in, int rows, int cols) {
    for_each_place(rows, cols, [&](int i, int j) { out.row(i)[j] += factor * in.row(i)[j]; });
  }
  /// out (cols) += factor · Σ_i in_i, one after the other.
  KOKKOS_INLINE_FUNCTION static void add_rows(Scalar* out, Scalar factor, Matrix<const Scalar> in,
                                              int rows, int cols) {
    for_each_place(1, cols, [&](int, int j) {
      Scalar sum = out[j];
      for (int i = 0; i < rows; ++i) sum += factor * in.row(i)[j];
      out[j] = sum;
    });
  }

  /// Calls stages(each) for every sample, one a warp; each(f) calls f(b, X_b).
  template <class Stages>
  KOKKOS_INLINE_FUNCTION static void for_each_sample(const Samples<Scalar>& set,
                                                     const Stages& stages) {
    for (int b = tile::cuda::warp(); b < set.count; b += warps) {
      const Sequence x(set.sequence(b), set.tokens, set.features);
      stages([&](const auto& f) { f(b, x); });
    }
  }

 private:
  KOKKOS_INLINE_FUNCTION static int thread() {
    return 32 * tile::cuda::warp() + tile::cuda::lane();
  }
};

}  // namespace theria::episode::cuda

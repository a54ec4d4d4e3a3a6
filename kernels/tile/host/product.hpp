// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_SIMD.hpp>
#include <cstdint>
#include <utility>

#include "kernels/tile/form.hpp"

/// For what keeps arrays in registers only where it is inlined.
#define THERIA_INLINE __attribute__((always_inline))

namespace theria::tile::host {

/// As many Scalars as a register has; Kokkos' own default is half of them in float, and one in a build with
/// CUDA.
#if defined(KOKKOS_ARCH_AVX512XEON)
template <class Scalar>
using Abi = Kokkos::Experimental::simd_abi::avx512_fixed_size<64 / sizeof(Scalar)>;
#elif defined(KOKKOS_ARCH_AVX2)
template <class Scalar>
using Abi = Kokkos::Experimental::simd_abi::avx2_fixed_size<32 / sizeof(Scalar)>;
#elif defined(KOKKOS_ARCH_ARM_NEON)
template <class Scalar>
using Abi = Kokkos::Experimental::simd_abi::neon_fixed_size<16 / sizeof(Scalar)>;
#else
template <class>
using Abi = Kokkos::Experimental::simd_abi::scalar;
#endif
template <class Scalar>
using Vector = Kokkos::Experimental::basic_simd<Scalar, Abi<Scalar>>;
inline constexpr auto unaligned = Kokkos::Experimental::simd_flag_default;

/// A matrix read a number at a time: element (r, p) at data[r·row + p·column].
template <class Scalar, int row_stride, int column_stride>
struct Strided {
  static constexpr int row = row_stride, column = column_stride;
  const Scalar* data;

  Strided from_row(int r) const { return {data + r * row}; }
};

/// Rows of C whose sums stay in registers: two vectors a row, with room for a row of B.
#ifdef KOKKOS_ARCH_AVX512XEON
inline constexpr int rows_at_once = 8;  // 32 registers
#else
inline constexpr int rows_at_once = 6;  // 16 registers
#endif

/// f.operator()<0>() … f.operator()<N − 1>(): what a loop would do, but written out before the compiler
/// decides which arrays can live in registers.
template <int N, class Function>
THERIA_INLINE inline void unrolled(const Function& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) THERIA_INLINE {
    (f.template operator()<I>(), ...);
  }
  (std::make_integer_sequence<int, N>{});
}

/// A block of Rows x Vectors of sums, in registers.
template <class Scalar, int Rows, int Vectors>
struct Block {
  static constexpr int width = static_cast<int>(Vector<Scalar>::size());
  Vector<Scalar> sum[Rows * Vectors];

  THERIA_INLINE void clear() {
    unrolled<Rows * Vectors>([&]<int i>() THERIA_INLINE { sum[i] = Vector<Scalar>(Scalar(0)); });
  }
  THERIA_INLINE void load(const Scalar* c, std::int64_t ldc) {
    unrolled<Rows * Vectors>([&]<int i>()
                                 THERIA_INLINE { sum[i].copy_from(at<i>(c, ldc), unaligned); });
  }
  THERIA_INLINE void store(Scalar* c, std::int64_t ldc) const {
    unrolled<Rows * Vectors>([&]<int i>()
                                 THERIA_INLINE { sum[i].copy_to(at<i>(c, ldc), unaligned); });
  }
  /// alpha · this, + what is at c where add is true.
  THERIA_INLINE void scale_and_store(Scalar* c, std::int64_t ldc, bool add,
                                     const Vector<Scalar>& alpha) const {
    if (add) {
      unrolled<Rows * Vectors>([&]<int i>() THERIA_INLINE {
        Vector<Scalar> old;
        old.copy_from(at<i>(c, ldc), unaligned);
        Kokkos::fma(alpha, sum[i], old).copy_to(at<i>(c, ldc), unaligned);
      });
    } else {
      unrolled<Rows * Vectors>(
          [&]<int i>() THERIA_INLINE { (alpha * sum[i]).copy_to(at<i>(c, ldc), unaligned); });
    }
  }
  /// sum[r][v] += Σ_p a(r,p) b[p][v]
  template <class A>
  THERIA_INLINE void add_product(const A& a, const Scalar* b, std::int64_t ldb, int k) {
    for (int p = 0; p < k; ++p) {
      Vector<Scalar> right[Vectors];
      unrolled<Vectors>(
          [&]<int v>() THERIA_INLINE { right[v].copy_from(b + p * ldb + v * width, unaligned); });
      unrolled<Rows>([&]<int r>() THERIA_INLINE {
        const Vector<Scalar> left(a.data[r * a.row + p * a.column]);
        unrolled<Vectors>([&]<int v>() THERIA_INLINE {
          sum[r * Vectors + v] = Kokkos::fma(left, right[v], sum[r * Vectors + v]);
        });
      });
    }
  }

 private:
  template <int i, class T>
  THERIA_INLINE static T* at(T* c, std::int64_t ldc) {
    return c + i / Vectors * ldc + i % Vectors * width;
  }
};

/// Calls f.operator()<Rows>(r) for blocks that make up rows r … m − 1: of Rows rows, then one of what is left.
template <int Rows, class Function>
inline void for_each_row_block(int r, int m, const Function& f) {
  for (; m - r >= Rows; r += Rows) f.template operator()<Rows>(r);
  if constexpr (Rows > 1) for_each_row_block<Rows - 1>(r, m, f);
}

/// Calls f.operator()<Rows, Vectors>(r, v) for the blocks that cover m rows and n columns, r the first row
/// and v the first column, a panel of columns at a time.
template <class Scalar, class Function>
inline void for_each_block(int m, int n, const Function& f) {
  constexpr int width = Block<Scalar, 1, 1>::width;
  for (int v = 0; v < n; v += 2 * width) {
    if (n - v > width) {
      for_each_row_block<rows_at_once>(
          0, m, [&]<int Rows>(int r) { f.template operator()<Rows, 2>(r, v); });
    } else {
      for_each_row_block<rows_at_once>(
          0, m, [&]<int Rows>(int r) { f.template operator()<Rows, 1>(r, v); });
    }
  }
}

/// C += A B for row-major C and B with rows of ldc and ldb numbers, multiples of two vectors. The columns
/// of C up to the next multiple of a vector are touched as well.
template <int ldc, int ldb, class Scalar, class A>
inline void product(Scalar* c, const A& a, const Scalar* b, Extent extent) {
  constexpr int width = Block<Scalar, 1, 1>::width;
  static_assert(ldc % (2 * width) == 0 && ldb % (2 * width) == 0);
  for_each_block<Scalar>(extent.m, extent.n, [&]<int Rows, int Vectors>(int r, int v) {
    Block<Scalar, Rows, Vectors> block;
    block.load(c + r * ldc + v, ldc);
    block.add_product(a.from_row(r), b + v, ldb, extent.k);
    block.store(c + r * ldc + v, ldc);
  });
}

}  // namespace theria::tile::host

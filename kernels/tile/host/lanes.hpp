// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "kernels/tile/host/product.hpp"

namespace theria::tile::host {

/// What crosses the lanes of vectors. Kokkos::simd has no permutations, so they are the compiler's
/// (`__builtin_shuffle`, whose masks are constants once inlined).
template <class Scalar>
struct Lanes {
  static constexpr int width = static_cast<int>(Vector<Scalar>::size());
  using Index = std::conditional_t<sizeof(Scalar) == 4, int, long>;
  using Native [[gnu::vector_size(sizeof(Scalar) * width)]] = Scalar;
  using Mask [[gnu::vector_size(sizeof(Index) * width)]] = Index;

  template <class Choice>
  THERIA_INLINE static Mask mask(const Choice& choice) {
    Mask m;
    for (int lane = 0; lane < width; ++lane) m[lane] = choice(lane);
    return m;
  }

  /// Lane j of row[0] becomes the sum of all lanes of row[j], in a fixed order; the rest is spoilt.
  template <int step = 1>
  THERIA_INLINE static void sum_rows(Native* row) {
    if constexpr (step < width) {
      // Of two rows the lanes that stay, and those that come from `step` lanes away.
      const Mask stay = mask([](int j) { return j & step ? width + j : j; });
      const Mask come = mask([](int j) { return j & step ? width + j - step : j + step; });
      unrolled<width / (2 * step)>([&]<int n>() THERIA_INLINE {
        constexpr int i = 2 * step * n;
        row[i] = __builtin_shuffle(row[i], row[i + step], stay) +
                 __builtin_shuffle(row[i], row[i + step], come);
      });
      sum_rows<2 * step>(row);
    }
  }

  /// Lane j of row[i] becomes lane i of row[j].
  template <int step = 1>
  THERIA_INLINE static void transpose(Native* row) {
    if constexpr (step < width) {
      const Mask low = mask([](int j) { return j & step ? width + j - step : j; });
      const Mask high = mask([](int j) { return j & step ? width + j : j + step; });
      unrolled<width / 2>([&]<int n>() THERIA_INLINE {
        constexpr int i = n / step * (2 * step) + n % step;  // those without the bit `step`
        const Native a = row[i], b = row[i + step];
        row[i] = __builtin_shuffle(a, b, low);
        row[i + step] = __builtin_shuffle(a, b, high);
      });
      transpose<2 * step>(row);
    }
  }
};

}  // namespace theria::tile::host

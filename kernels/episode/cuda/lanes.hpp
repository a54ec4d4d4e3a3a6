// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/matrix.hpp"
#include "kernels/tile/cuda/words.hpp"

/// A loop of copies, of which as many are under way at a time.
#ifdef __CUDA_ARCH__
#define THERIA_UNROLL_8 _Pragma("unroll 8")
#else
#define THERIA_UNROLL_8
#endif

namespace theria::episode::cuda {

/// p as the compiler may take it to be in shared memory (in device memory), which is half of an address's arithmetic.
template <class T>
KOKKOS_INLINE_FUNCTION T* in_shared(T* p) {
  KOKKOS_IF_ON_DEVICE((__builtin_assume(__isShared(p));))
  return p;
}

template <class T>
KOKKOS_INLINE_FUNCTION T* in_global(T* p) {
  KOKKOS_IF_ON_DEVICE((__builtin_assume(__isGlobal(p));))
  return p;
}

using tile::cuda::read;
using tile::cuda::word;
using tile::cuda::write;

KOKKOS_INLINE_FUNCTION constexpr int round_up(int n, int multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// Sums N numbers over the lanes that differ in the bits from `mask` down to `least`: at each bit a lane keeps one
/// half of them and gives the other away; it ends with the number[0 …) of its own bits.
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
template <int N, int mask, int least, class Scalar>
KOKKOS_INLINE_FUNCTION void halve(Scalar (&number)[N]) {
  halve_from<N, mask, least>(number);
}

}  // namespace theria::episode::cuda

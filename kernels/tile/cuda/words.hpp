// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/cuda/instructions.hpp"

namespace theria::tile::cuda {

/// Numbers that a thread reads at once: 16 bytes.
template <class Scalar>
inline constexpr int word = 16 / static_cast<int>(sizeof(Scalar));

template <class Scalar, int N>
struct alignas(N * sizeof(Scalar)) Numbers {
  Scalar at[N];
};

/// N numbers from where they are aligned to as many.
template <int N, class Scalar>
KOKKOS_INLINE_FUNCTION void read(Scalar (&to)[N], const Scalar* from) {
  const auto numbers = *reinterpret_cast<const Numbers<Scalar, N>*>(from);
  THERIA_UNROLL
  for (int i = 0; i < N; ++i) to[i] = numbers.at[i];
}
template <int N, class Scalar>
KOKKOS_INLINE_FUNCTION void write(Scalar* to, const Scalar (&from)[N]) {
  Numbers<Scalar, N> numbers;
  THERIA_UNROLL
  for (int i = 0; i < N; ++i) numbers.at[i] = from[i];
  *reinterpret_cast<Numbers<Scalar, N>*>(to) = numbers;
}

}  // namespace theria::tile::cuda

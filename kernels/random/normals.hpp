// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/random/normal.hpp"
#include "kernels/random/philox.hpp"

namespace theria::random {

/// How many normals a thread makes at a time: on a CPU enough for its vectors, on a GPU a block of words.
template <class Space>
inline constexpr int normals_at_once = 4;
template <>
inline constexpr int normals_at_once<Kokkos::OpenMP> = 64;

namespace host {

/// The quantile of each of `count` uniform numbers in place, the bits of normal_quantile(): all by the middle's
/// formula first, then those of the tails by theirs, in loops that the compiler makes vectors of.
inline void normal_quantiles(double* u, int count) {
  constexpr int most = normals_at_once<Kokkos::OpenMP>;
  double tail[most], distance[most], quantile[most];
  int place[most], tails = 0;
  for (int i = 0; i < count; ++i) {
    place[tails] = i;
    tail[tails] = u[i];
    tails += is_central(u[i] - 0.5) ? 0 : 1;
  }
#pragma omp simd
  for (int i = 0; i < count; ++i) u[i] = central_quantile(u[i] - 0.5);
#pragma omp simd
  for (int i = 0; i < tails; ++i) {
    distance[i] = tail_distance(tail[i]);
    quantile[i] = near_quantile(distance[i]);
  }
  for (int i = 0; i < tails; ++i) {
    const double x = distance[i] <= near_tail ? quantile[i] : far_quantile(distance[i]);
    u[place[i]] = tail[i] - 0.5 < 0 ? -x : x;
  }
}

}  // namespace host

/// out[i] = number first + i of N(0,1) of a stream, of which a block of words holds four, for i < count ≤
/// normals_at_once.
template <class Space>
KOKKOS_INLINE_FUNCTION void normals(const Stream& stream, std::int64_t first, int count,
                                    double* out) {
  for (int i = 0; i < count;) {
    const std::int64_t number = first + i;
    const Stream::Block words = stream.block(static_cast<std::uint64_t>(number / 4));
    for (int w = static_cast<int>(number % 4); w < 4 && i < count; ++w, ++i)
      out[i] = uniform(words.word[w]);
  }
  if constexpr (std::is_same_v<Space, Kokkos::OpenMP>) {
    KOKKOS_IF_ON_HOST((host::normal_quantiles(out, count);))
  } else {
    for (int i = 0; i < count; ++i) out[i] = normal_quantile(out[i]);
  }
}

}  // namespace theria::random

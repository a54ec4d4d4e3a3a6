// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

namespace theria::sdpa {

inline constexpr int max_depth = 256;

/// Batch, heads and lengths fit an int with room for a tile beyond them.
inline constexpr std::int64_t max_extent = std::int64_t(1) << 30;

/// Calls f.template operator()<Depth>() for the padded class of the head dimensions: 32, 64, 128 or
/// 256, the smallest that holds both. The one place where a run-time dimension becomes a template
/// argument; the contract has refused what is larger.
template <class Function>
void with_depth(int d, int dv, Function&& f) {
  const int depth = std::max(d, dv);
  if (depth <= 32) return f.template operator()<32>();
  if (depth <= 64) return f.template operator()<64>();
  if (depth <= 128) return f.template operator()<128>();
  return f.template operator()<256>();
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/core/narrow.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::sdpa {

inline constexpr int max_depth = 256;

/// Batch, heads and lengths fit an int with room for a tile beyond them.
inline constexpr std::int64_t max_extent = std::int64_t(1) << 30;

/// The padded class of the head dimensions: 32, 64, 128 or 256, the smallest that holds both.
constexpr int padded_depth(int d, int dv) {
  const int depth = std::max(d, dv);
  return depth <= 32 ? 32 : depth <= 64 ? 64 : depth <= 128 ? 128 : 256;
}

/// Calls f.template operator()<Depth>() for the padded class. The one place where a run-time dimension
/// becomes a template argument; the contract has refused what is larger. The host, whose loops end where the
/// dimensions do, has one class for each side of its tiles (Tilings): 64 and 256.
template <class Space, class Function>
void with_depth(int d, int dv, Function&& f) {
  const int depth = padded_depth(d, dv);
  if constexpr (tile::Machine<Space>::threads == 1) {
    return depth <= 64 ? f.template operator()<64>() : f.template operator()<256>();
  } else {
    switch (depth) {
      case 32:
        return f.template operator()<32>();
      case 64:
        return f.template operator()<64>();
      case 128:
        return f.template operator()<128>();
      default:
        return f.template operator()<256>();
    }
  }
}

/// Whether a backward pass can give each head, a pair (b, h), to one team (HeadOwner) instead of an owner
/// to each result: on the host, where dQ is stored as exactly as it is summed.
template <class Space, class Element>
inline constexpr bool may_take_whole_heads =
    tile::Machine<Space>::threads == 1 && !is_narrow<Element>;

/// Whether it does: where heads alone keep the threads busy, or more teams would have no keys. It depends
/// on the shape alone, not on the number of threads nor on which results are wanted, so that neither do
/// the bits.
template <class Space, class Element>
bool takes_whole_heads(std::int64_t heads, std::int64_t tk) {
  return may_take_whole_heads<Space, Element> && (heads >= 16 || tk <= 32);
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/core/narrow.hpp"

namespace theria {

/// The memory of a strided tensor, in bytes.
struct Footprint {
  std::uintptr_t start = 0;
  std::int64_t element = 0;  // bytes of one
  std::vector<std::int64_t> extent{};
  std::vector<std::int64_t> stride{};  // bytes

  bool empty() const;
  /// One past the last byte.
  std::uintptr_t end() const;
};

template <class T, int Rank>
std::int64_t element_bytes(const Array<T, Rank>& array) {
  if constexpr (is_narrow<T>) {
    return bytes_of(array.storage);
  } else {
    return sizeof(T);
  }
}

template <class T, int Rank>
Footprint footprint(const Array<T, Rank>& array) {
  Footprint f{.start = reinterpret_cast<std::uintptr_t>(array.data),
              .element = element_bytes(array)};
  for (int axis = 0; axis < Rank; ++axis) {
    f.extent.push_back(array.data == nullptr ? 0 : array.extent[axis]);
    f.stride.push_back(array.stride[axis] * f.element);
  }
  return f;
}

/// Whether two different indices of one tensor may name the same memory. May say yes where a more
/// patient search would find none; never says no wrongly. Strides are taken as non-negative.
bool overlaps_itself(const Footprint& f);

/// Whether two tensors may share an element. Exact for disjoint address ranges and for tensors
/// interleaved with equal strides (as q, k, v packed in one buffer); otherwise cautious, as above.
bool overlap(const Footprint& f, const Footprint& g);

}  // namespace theria

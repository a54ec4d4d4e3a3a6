// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/statistics.hpp"
#include "kernels/tile/tensor_core_format.hpp"

namespace theria::sdpa {

/// Sizes of one call of an operator, all batch elements and heads together.
struct CallSize {
  std::size_t heads;  // b·h
  int tq, tk, d, dv;
};

/// Bytes that the HVP takes of its workspace, the most of all operators; on a GPU (`packed`) the copies
/// in the format of the tensor cores are among them.
template <class Element>
std::size_t hvp_workspace_bytes(const CallSize& size, bool packed) {
  const std::size_t statistics =
      size.heads * size.tq * sizeof(RowStatistics<Dual<ScalarOf<Element>>>);
  if (!packed) return statistics;
  const int depth = padded_depth(size.d, size.dv);
  const auto tensor = [&](int rows) {
    const tile::PackedSize<Element> packed_size{size.heads, rows, depth};
    return packed_size.numbers() * sizeof(typename tile::TensorCoreFormat<Element>::Stored) +
           packed_size.scales() * sizeof(ScalarOf<Element>);
  };
  return statistics + 4 * tensor(size.tq) + 4 * tensor(size.tk);
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/field.hpp"
#include "kernels/sdpa/problem.hpp"

namespace theria::sdpa {

template <class Space, class Element>
using Packer = tile::Packer<Space, Element, Problem<ScalarOf<Element>>>;

/// Bytes of a call's packed tensors: `queries` of the shape of q or o, `keys` of that of k or v.
template <class Space, class Element>
std::size_t packed_bytes(const Problem<ScalarOf<Element>>& p, int queries, int keys) {
  const int depth = padded_depth(p.d, p.dv);
  return Packer<Space, Element>::bytes(p.b, p.h, p.tq, depth, queries) +
         Packer<Space, Element>::bytes(p.b, p.h, p.tk, depth, keys);
}

/// A tensor of values, or of values and tangents, as the kernels read it.
template <class Stored, class Space>
tile::Source<Space, Stored> pack(Packer<Space, ElementOf<Stored>>& packer,
                                 const Problem<ScalarOf<Stored>>& p, const Operand<Stored>& x,
                                 tile::Axis axis) {
  const int rows = axis == tile::Axis::queries ? p.tq : p.tk;
  if constexpr (is_dual<Stored>) {
    return {packer.add(x.value, axis, rows), packer.add(x.tangent, axis, rows)};
  } else {
    return packer.add(x.value, axis, rows);
  }
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/field.hpp"
#include "kernels/sdpa/problem.hpp"

namespace theria::sdpa {

template <class Space, class Element>
using Packer = tile::Packer<Space, Element, Problem<ScalarOf<Element>>>;

/// Bytes of the workspace that pack() takes for x.
template <class Space, class Stored>
std::size_t packed_bytes(const Problem<ScalarOf<Stored>>& p, const Operand<Stored>& x,
                         tile::Axis axis) {
  const auto of = [&](const Array<const ElementOf<Stored>, 4>& part) {
    const int rows = axis == tile::Axis::queries ? p.tq : p.tk;
    return Packer<Space, ElementOf<Stored>>::bytes(part, p.b, p.h, rows, padded_depth(p.d, p.dv));
  };
  if constexpr (is_dual<Stored>) {
    return of(x.value) + of(x.tangent);
  } else {
    return of(x.value);
  }
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

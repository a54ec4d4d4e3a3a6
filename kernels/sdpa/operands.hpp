// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/field.hpp"
#include "kernels/sdpa/problem.hpp"

namespace theria::sdpa {

template <class Space, class Scalar>
using Packer = tile::Packer<Space, Scalar, Problem<Scalar>>;

/// Bytes of a call's packed tensors: `queries` of the shape of q or o, `keys` of that of k or v.
template <class Space, class Scalar>
std::size_t packed_bytes(const Problem<Scalar>& p, int queries, int keys) {
  const int depth = padded_depth(p.d, p.dv);
  return Packer<Space, Scalar>::bytes(p.b, p.h, p.tq, depth, queries) +
         Packer<Space, Scalar>::bytes(p.b, p.h, p.tk, depth, keys);
}

/// A tensor of values, or of values and tangents, as the kernels read it.
template <class Number, class Space, class Scalar>
tile::Source<Space, Number> pack(Packer<Space, Scalar>& packer, const Problem<Scalar>& p,
                                 const Operand<Number>& x, tile::Axis axis) {
  const int rows = axis == tile::Axis::queries ? p.tq : p.tk;
  if constexpr (is_dual<Number>) {
    return {packer.add(x.value, axis, rows), packer.add(x.tangent, axis, rows)};
  } else {
    return packer.add(x.value, axis, rows);
  }
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear_attention/arguments.hpp"

namespace theria::linear_attention {

/// The VJP and its tangent, dṀ = c (Q̇ᵀ dO + Qᵀ dȮ):
///     dQ̇ = dȮ Mᵀ + dO Ṁᵀ   dK̇ = V̇ dMᵀ + V dṀᵀ   dV̇ = K̇ dM + K dṀ
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args, Workspace<Space>& workspace);

}  // namespace theria::linear_attention

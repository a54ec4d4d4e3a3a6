// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear_attention/arguments.hpp"

namespace theria::linear_attention {

/// With M = c Kᵀ V and dM = c Qᵀ dO:
///     dQ = dO Mᵀ   dK = V dMᵀ   dV = K dM
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args, Workspace<Space>& workspace);

}  // namespace theria::linear_attention

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear_attention/arguments.hpp"

namespace theria::linear_attention {

/// o = c Q Kᵀ V, overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args, Workspace<Space>& workspace);

}  // namespace theria::linear_attention

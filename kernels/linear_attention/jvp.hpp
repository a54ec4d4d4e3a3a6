// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear_attention/arguments.hpp"

namespace theria::linear_attention {

/// o, and with Ṁ = c (K̇ᵀ V + Kᵀ V̇):  ȯ = Q̇ M + Q Ṁ;  both overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args, Workspace<Space>& workspace);

}  // namespace theria::linear_attention

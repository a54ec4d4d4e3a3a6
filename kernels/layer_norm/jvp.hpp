// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/layer_norm/arguments.hpp"

namespace theria::layer_norm {

/// y and the rows' statistics, and their tangents:
///     ẏ = gain·x̂' + gaiṅ·x̂ + biaṡ     x̂' the tangent of x̂
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args);

}  // namespace theria::layer_norm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/layer_norm/arguments.hpp"

namespace theria::layer_norm {

/// y = gain·x̂ + bias and the rows' statistics, overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args);

}  // namespace theria::layer_norm

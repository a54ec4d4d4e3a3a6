// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"

namespace theria::linear {

/// y = x Wᵀ + b for every task, overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args);

}  // namespace theria::linear

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"

namespace theria::linear {

///     dx = dy W   dW = dyᵀ x   db = Σ_r dy
/// for every task; what is not given is not computed. Asynchronous on `space`.
template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args);

}  // namespace theria::linear

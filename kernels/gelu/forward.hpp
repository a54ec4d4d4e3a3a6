// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/gelu/arguments.hpp"

namespace theria::gelu {

/// y = x Φ(x), overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args);

}  // namespace theria::gelu

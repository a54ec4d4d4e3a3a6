// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/gelu/arguments.hpp"

namespace theria::gelu {

/// y, and ẏ = gelu'(x) ẋ; both overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args);

}  // namespace theria::gelu

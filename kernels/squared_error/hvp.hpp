// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/squared_error/arguments.hpp"

namespace theria::squared_error {

/// The VJP and its tangent, 2 ẏ / rows, both overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args);

}  // namespace theria::squared_error

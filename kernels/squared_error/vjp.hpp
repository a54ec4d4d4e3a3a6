// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/squared_error/arguments.hpp"

namespace theria::squared_error {

///     dy = 2 (y − target) / rows
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args);

}  // namespace theria::squared_error

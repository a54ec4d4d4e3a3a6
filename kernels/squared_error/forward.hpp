// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/squared_error/arguments.hpp"

namespace theria::squared_error {

/// The loss of every task, overwritten, summed in order of rows and columns. Asynchronous on `space`.
template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args);

}  // namespace theria::squared_error

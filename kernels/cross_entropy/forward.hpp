// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cross_entropy/arguments.hpp"

namespace theria::cross_entropy {

/// The mean loss of every task and, if given, its accuracy; overwritten, summed in order of rows.
/// Asynchronous on `space`.
template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args);

}  // namespace theria::cross_entropy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cross_entropy/arguments.hpp"

namespace theria::cross_entropy {

///     d_logits = (softmax(logits) − onehot(label)) / rows
/// overwritten: the cotangent of the logits for the cotangent 1 of the loss. Asynchronous on `space`.
template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args);

}  // namespace theria::cross_entropy

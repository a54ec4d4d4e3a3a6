// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cross_entropy/arguments.hpp"

namespace theria::cross_entropy {

///     loss_dot = mean_r Σ_c (softmax − onehot)_c · logits_dot_c
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args);

}  // namespace theria::cross_entropy

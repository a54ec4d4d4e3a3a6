// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/squared_error/arguments.hpp"

namespace theria::squared_error {

///     loss_dot = mean_r Σ_c 2 (y − target) ẏ
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args);

}  // namespace theria::squared_error

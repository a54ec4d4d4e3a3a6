// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"

namespace theria::linear {

///     ẏ = ẋ Wᵀ + x Ẇᵀ + ḃ
/// for every task, overwritten; at least one of ẋ and Ẇ is given. Asynchronous on `space`.
template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args);

}  // namespace theria::linear

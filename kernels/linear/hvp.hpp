// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"

namespace theria::linear {

/// The tangents of the VJP's results:
///     dẋ = dẏ W + dy Ẇ   dẆ = dẏᵀ x + dyᵀ ẋ   dḃ = Σ_r dẏ
/// for every task; what is not given is not computed. dẏ is required; ẋ and Ẇ may be
/// missing, that is zero. Asynchronous on `space`.
template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args);

}  // namespace theria::linear

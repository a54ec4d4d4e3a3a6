// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/cross_entropy/arguments.hpp"

namespace theria::cross_entropy {

/// The VJP and its tangent:
///     d_logits_dot = softmax ∘ (logits_dot − Σ_c softmax_c logits_dot_c) / rows
/// both overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args);

}  // namespace theria::cross_entropy

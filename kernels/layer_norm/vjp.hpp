// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/layer_norm/arguments.hpp"

namespace theria::layer_norm {

/// With ĝ = gain∘dy and s = 1/√(σ² + ε):
///     dx = s (ĝ − mean_c ĝ − x̂ mean_c(ĝ x̂))   d_gain = Σ_r dy x̂   d_bias = Σ_r dy
/// overwritten, summed in order of rows and columns; what is not given is not computed. Asynchronous on `space`.
template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args);

}  // namespace theria::layer_norm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/gelu/arguments.hpp"

namespace theria::gelu {

/// The VJP and its tangent:
///     dẋ = gelu'(x) dẏ + gelu''(x) ẋ dy     gelu''(x) = (2 − x²) φ(x)
/// both overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args);

}  // namespace theria::gelu

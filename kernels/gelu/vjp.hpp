// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/gelu/arguments.hpp"

namespace theria::gelu {

///     dx = gelu'(x) dy     gelu'(x) = Φ(x) + x φ(x)
/// overwritten. Asynchronous on `space`.
template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args);

}  // namespace theria::gelu

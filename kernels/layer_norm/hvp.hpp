// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/layer_norm/arguments.hpp"

namespace theria::layer_norm {

/// dx as the VJP, where given, and the tangents of all that the VJP gives, overwritten: the VJP's equations on numbers
/// with tangents. Asynchronous on `space`.
template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args);

}  // namespace theria::layer_norm

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/apply/sdpa_call.hpp"

namespace theria {

/// The call computed by the serial dense reference in `long double` (or, for its own rounding
/// error, in `float`); results come back as double (float). Ignores the call's backend.
template <class Scalar>
std::map<std::string, Tensor> reference_sdpa(const SdpaCall& call);

}  // namespace theria

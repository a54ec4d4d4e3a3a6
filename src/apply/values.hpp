// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/apply/sdpa_call.hpp"
#include "src/apply/shapes.hpp"

namespace theria {

/// Faults of values that are not finite where the operator reads them: rows of q and of the output's
/// cotangents that see a key, keys below their length, bias where a row sees its key. A bias of
/// -inf masks and is accepted; its tangent there is not read. Everything else may hold anything.
/// Each names file, data set, the first such index and its value.
void check_values(const SdpaCall& call, const CallExtents& extents, const std::string& file,
                  InputFaults& faults);

}  // namespace theria

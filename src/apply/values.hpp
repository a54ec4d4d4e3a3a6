// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/apply/sdpa_call.hpp"
#include "src/apply/shapes.hpp"

namespace theria {

/// Refuses a value that is not finite where the operator reads it: rows of q and of the output's
/// cotangents that see a key, keys below their length, bias where a row sees its key. A bias of
/// -inf masks and is accepted; its tangent there is not read. Everything else may hold anything.
/// Throws UserError naming file, data set, index and value.
void check_values(const SdpaCall& call, const CallExtents& extents, const std::string& file);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "src/apply/apply.hpp"

namespace theria {

/// Writes an operator's outputs at the root, with scales b h i j d dv and attributes that say how
/// they were made; a broadcast axis of a bias has a scale of its own. Throws OutputError.
void write_outputs(const ApplyRequest& request, const SdpaCall& call,
                   const std::map<std::string, Tensor>& outputs);

}  // namespace theria

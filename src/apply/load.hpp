// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/apply/apply.hpp"

namespace theria {

struct LoadedCall {
  SdpaCall call;
  std::vector<std::string> ignored;  // see ApplyReport
};

/// Reads the data sets that the operator takes, from the root of `request.input`, checks shapes and
/// values, and rounds them to the request's precision. Absent bias and cotangents whose tangent or
/// partner is there become zeros. Throws UserError with every fault, one a line, each naming file,
/// data set, index and what is accepted.
LoadedCall load_call(const ApplyRequest& request);

}  // namespace theria

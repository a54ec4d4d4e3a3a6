// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/apply/sdpa_call.hpp"

namespace theria {

/// `theria apply`: one operator on the tensors of a file.
struct ApplyRequest {
  SdpaOperator operation{};
  std::string input{}, output{};
  bool overwrite = false;
  Precision precision{};
  Backend backend{};  // resolved
  bool causal = false;
  std::optional<double> scale{};  // 1/sqrt(D) where absent
};

/// What a person should be told of it.
struct ApplyReport {
  std::string output;  // the file written
  std::vector<std::string>
      ignored;  // data sets and groups of the input that the operator does not read
};

/// Reads, checks everything, computes, writes; needs a Runtime. Throws UserError for the request or
/// the input before any work starts, OutputError for the output.
ApplyReport apply(const ApplyRequest& request);

}  // namespace theria

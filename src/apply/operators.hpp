// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/apply/sdpa_call.hpp"

namespace theria {

/// What one operator takes from a file.
struct OperatorInputs {
  SdpaOperator operation;
  std::string_view name;  // "sdpa.vjp"
  std::vector<std::string_view> needed;
  std::vector<std::string_view> optional;  // zero, or no mask, where missing
};

const OperatorInputs& inputs_of(SdpaOperator operation);

/// All five, in the order of the derivatives.
const std::vector<OperatorInputs>& all_operators();

/// Throws UserError listing the names for any other word.
SdpaOperator operator_named(std::string_view name);

/// An input's axes by the names of section "apply" of docs/contracts.md: b h i j d dv. `B` and `H`
/// are b and h, or 1 to broadcast.
struct TensorAxes {
  std::string_view name;
  std::vector<std::string_view> axes;
};

/// All tensors that any operator reads or writes; key_lengths is the one data set not among them.
const TensorAxes* axes_of(std::string_view name);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/apply/operators.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "src/core/error.hpp"

namespace theria {

const std::vector<OperatorInputs>& all_operators() {
  // In jvp_vjp d_o and d_o_dot are the cotangents of o and of o_dot.
  static const std::vector<OperatorInputs> table = {
      {SdpaOperator::forward, "sdpa.forward", {"q", "k", "v"}, {"bias", "key_lengths"}},
      {SdpaOperator::vjp, "sdpa.vjp", {"q", "k", "v", "d_o"}, {"bias", "key_lengths"}},
      {SdpaOperator::jvp,
       "sdpa.jvp",
       {"q", "k", "v"},
       {"q_dot", "k_dot", "v_dot", "bias", "bias_dot", "key_lengths"}},
      {SdpaOperator::hvp,
       "sdpa.hvp",
       {"q", "k", "v", "d_o"},
       {"q_dot", "k_dot", "v_dot", "d_o_dot", "bias", "bias_dot", "key_lengths"}},
      {SdpaOperator::jvp_vjp,
       "sdpa.jvp_vjp",
       {"q", "k", "v", "d_o_dot"},
       {"d_o", "q_dot", "k_dot", "v_dot", "bias", "bias_dot", "key_lengths"}},
  };
  return table;
}

const OperatorInputs& inputs_of(SdpaOperator operation) {
  const auto& table = all_operators();
  return *std::find_if(table.begin(), table.end(),
                       [&](const auto& row) { return row.operation == operation; });
}

SdpaOperator operator_named(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& row : all_operators()) {
    if (row.name == name) return row.operation;
    names.push_back(row.name);
  }
  throw UserError(
      fmt::format("unknown operator \"{}\"; accepted: {}", name, fmt::join(names, ", ")));
}

const TensorAxes* axes_of(std::string_view name) {
  static const std::vector<TensorAxes> table = {
      {"q", {"b", "h", "i", "d"}},        {"k", {"b", "h", "j", "d"}},
      {"v", {"b", "h", "j", "dv"}},       {"bias", {"B", "H", "i", "j"}},
      {"d_o", {"b", "h", "i", "dv"}},     {"q_dot", {"b", "h", "i", "d"}},
      {"k_dot", {"b", "h", "j", "d"}},    {"v_dot", {"b", "h", "j", "dv"}},
      {"d_o_dot", {"b", "h", "i", "dv"}}, {"bias_dot", {"B", "H", "i", "j"}},
      {"o", {"b", "h", "i", "dv"}},       {"lse", {"b", "h", "i"}},
      {"o_dot", {"b", "h", "i", "dv"}},   {"lse_dot", {"b", "h", "i"}},
      {"d_q", {"b", "h", "i", "d"}},      {"d_k", {"b", "h", "j", "d"}},
      {"d_v", {"b", "h", "j", "dv"}},     {"d_bias", {"B", "H", "i", "j"}},
      {"d_q_dot", {"b", "h", "i", "d"}},  {"d_k_dot", {"b", "h", "j", "d"}},
      {"d_v_dot", {"b", "h", "j", "dv"}}, {"d_bias_dot", {"B", "H", "i", "j"}},
  };
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace theria

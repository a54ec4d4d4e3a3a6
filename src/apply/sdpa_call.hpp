// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/core/tensor.hpp"
#include "src/deck/deck.hpp"

namespace theria {

enum class SdpaOperator { forward, vjp, jvp, hvp, jvp_vjp };

/// One operator of SDPA on host tensors, all of one precision. Inputs and outputs by their names in
/// docs/contracts.md: q k v bias d_o q_dot k_dot v_dot d_o_dot bias_dot; a missing tangent is zero.
struct SdpaCall {
  SdpaOperator operation;
  Precision precision;
  Backend backend;  // resolved
  bool causal = false;
  std::optional<double> scale;                           // 1/sqrt(D) where absent
  std::map<std::string, Tensor> inputs;                  // (b,h,t,d)
  std::optional<std::vector<std::int64_t>> key_lengths;  // (b)
};

/// Needs a Runtime. Throws UserError for shapes the contract refuses.
std::map<std::string, Tensor> apply_sdpa(const SdpaCall& call);

}  // namespace theria

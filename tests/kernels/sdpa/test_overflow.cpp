// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "src/apply/sdpa_call.hpp"
#include "src/check/compare.hpp"
#include "src/driver/runtime.hpp"

namespace theria::test {

namespace {

/// One query and one key whose score is ∓1e400: beyond double.
TensorSet overflowing(Backend backend, SdpaOperator operation, double sign) {
  SdpaCall call{.operation = operation,
                .precision = Precision::float64,
                .backend = backend,
                .causal = false,
                .scale = std::nullopt,
                .inputs = {},
                .key_lengths = std::nullopt};
  const auto one = [](double x) { return Tensor{{1, 1, 1, 1}, std::vector<double>{x}}; };
  call.inputs = {{"q", one(1e200)}, {"k", one(sign * 1e200)}, {"v", one(1)}, {"d_o", one(1)}};
  for (const char* name : {"q_dot", "k_dot", "v_dot", "d_o_dot"}) call.inputs[name] = one(1);
  return apply_sdpa(call);
}

}  // namespace

TEST_CASE("sdpa: a score that overflows gives NaN, it does not pass for a masked key") {
  for (const BackendInfo& info : backends()) {
    if (!info.usable) continue;
    for (const double sign : {-1.0, 1.0}) {
      CAPTURE(sign);
      CHECK(std::isnan(values_of(overflowing(info.backend, SdpaOperator::forward, sign)["o"])[0]));
      CHECK(std::isnan(values_of(overflowing(info.backend, SdpaOperator::vjp, sign)["d_v"])[0]));
      CHECK(std::isnan(values_of(overflowing(info.backend, SdpaOperator::jvp, sign)["o_dot"])[0]));
      CHECK(
          std::isnan(values_of(overflowing(info.backend, SdpaOperator::hvp, sign)["d_v_dot"])[0]));
    }
  }
}

}  // namespace theria::test

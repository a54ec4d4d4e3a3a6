// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/check/cases.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {

using Labels = std::vector<std::string>;

TEST_CASE_TEMPLATE("sdpa: every operator's launches, in order, by name", Space,
                   THERIA_TEST_SPACES) {
  const SdpaCall call =
      make_call({.b = 1, .h = 2, .tq = 9, .tk = 9, .d = 4, .dv = 4, .bias = BiasKind::full},
                SdpaOperator::hvp, Precision::float64);
  Marshal<Space, double> data(call);
  const BoundCall<double> bound = bind(call, data);
  Workspace<Space> workspace;
  const Watch watch;
  const auto launches = [&](SdpaOperator operation) {
    const std::size_t before = watch.kernels().size();
    run(operation, bound, workspace);
    return Labels(watch.kernels().begin() + static_cast<std::ptrdiff_t>(before),
                  watch.kernels().end());
  };
  const auto backward = [](const std::string& prefix) {
    return Labels{prefix + "::delta", prefix + "::query_owner", prefix + "::key_owner",
                  prefix + "::bias_owner"};
  };
  const auto after_jvp = [](Labels labels) {
    labels.insert(labels.begin(), "theria::sdpa::jvp");
    return labels;
  };
  CHECK(launches(SdpaOperator::forward) == Labels{"theria::sdpa::forward"});
  CHECK(launches(SdpaOperator::jvp) == Labels{"theria::sdpa::jvp"});
  CHECK(launches(SdpaOperator::vjp) == backward("theria::sdpa::vjp"));
  CHECK(launches(SdpaOperator::hvp) == after_jvp(backward("theria::sdpa::hvp")));
  CHECK(launches(SdpaOperator::jvp_vjp) == after_jvp(backward("theria::sdpa::jvp_vjp")));
}

TEST_CASE_TEMPLATE("sdpa: the workspace is all that is allocated, once, and linear in length",
                   Space, THERIA_TEST_SPACES) {
  std::size_t bytes[2] = {};
  for (const std::size_t t : {64, 128}) {
    const SdpaCall call = make_call({.b = 1, .h = 1, .tq = t, .tk = t, .d = 8, .dv = 8},
                                    SdpaOperator::hvp, Precision::float64);
    Marshal<Space, double> data(call);
    const BoundCall<double> bound = bind(call, data);
    Workspace<Space> workspace;
    run(SdpaOperator::hvp, bound, workspace);  // also lets Kokkos make room for team scratch
    bytes[t / 128] = workspace.bytes();
    const Watch watch;
    for (const SdpaOperator operation : every_operator) run(operation, bound, workspace);
    CHECK(watch.memory().empty());
  }
  CHECK(bytes[1] == 2 * bytes[0]);  // a multiple of its 256-byte grain at both
}

}  // namespace theria::test

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
  // A GPU first packs what the operator reads and gives each result an owner, the VJP's in one launch; the host reads
  // it where it lies and gives each head one.
  const auto packed = [](const std::string& prefix, Labels labels) {
    if (!std::is_same_v<Space, OpenMP>) labels.insert(labels.begin(), prefix + "::pack");
    return labels;
  };
  const auto backward = [](const std::string& prefix, const std::string& first) {
    if (std::is_same_v<Space, OpenMP>)
      return Labels{prefix + first, prefix + "::head_owner", prefix + "::bias_owner"};
    if (prefix == "theria::sdpa::vjp")
      return Labels{prefix + first, prefix + "::owners", prefix + "::bias_owner"};
    return Labels{prefix + first, prefix + "::query_owner", prefix + "::key_owner",
                  prefix + "::bias_owner"};
  };
  const std::string forward = "theria::sdpa::forward", jvp = "theria::sdpa::jvp",
                    vjp = "theria::sdpa::vjp", hvp = "theria::sdpa::hvp",
                    jvp_vjp = "theria::sdpa::jvp_vjp";
  CHECK(launches(SdpaOperator::forward) == packed(forward, {forward}));
  CHECK(launches(SdpaOperator::jvp) == packed(jvp, {jvp}));
  CHECK(launches(SdpaOperator::vjp) == packed(vjp, backward(vjp, "::statistics")));
  CHECK(launches(SdpaOperator::hvp) == packed(hvp, backward(hvp, "::statistics")));
  CHECK(launches(SdpaOperator::jvp_vjp) == packed(jvp_vjp, backward(jvp_vjp, "::statistics")));
}

TEST_CASE("sdpa: few and long heads have two owners on the host as well") {
  const SdpaCall call = make_call({.b = 1, .h = 2, .tq = 9, .tk = 33, .d = 4, .dv = 4},
                                  SdpaOperator::vjp, Precision::float64);
  Marshal<OpenMP, double> data(call);
  const BoundCall<double> bound = bind(call, data);
  Workspace<OpenMP> workspace;
  const Watch watch;
  run(SdpaOperator::vjp, bound, workspace);
  CHECK(watch.kernels() == Labels{"theria::sdpa::vjp::statistics", "theria::sdpa::vjp::query_owner",
                                  "theria::sdpa::vjp::key_owner"});
}

TEST_CASE_TEMPLATE("sdpa: the workspace is all that is allocated, once, and linear in length",
                   Space, THERIA_TEST_SPACES) {
  std::size_t bytes[3] = {};
  for (int n = 0; n < 3; ++n) {
    const std::size_t t = std::size_t(64) << n;
    const SdpaCall call = make_call({.b = 1, .h = 1, .tq = t, .tk = t, .d = 8, .dv = 8},
                                    SdpaOperator::hvp, Precision::float64);
    Marshal<Space, double> data(call);
    const BoundCall<double> bound = bind(call, data);
    Workspace<Space> workspace;
    run(SdpaOperator::hvp, bound, workspace);  // also lets Kokkos make room for team scratch
    bytes[n] = workspace.bytes();
    const Watch watch;
    for (const SdpaOperator operation : every_operator) run(operation, bound, workspace);
    CHECK(watch.memory().empty());
  }
  // Multiples of the 256-byte grain at all three; a GPU also has room for one more tile.
  CHECK(bytes[2] - bytes[1] == 2 * (bytes[1] - bytes[0]));
}

}  // namespace theria::test

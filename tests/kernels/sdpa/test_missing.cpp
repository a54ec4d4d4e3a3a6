// SPDX-License-Identifier: Apache-2.0
// What is not given counts as zero; what is not wanted changes nothing else.
#include <doctest/doctest.h>

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "src/check/properties.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// Over a tile, with every mask.
const SdpaCase masked_case{.b = 2,
                           .h = 2,
                           .tq = 33,
                           .tk = 40,
                           .d = 5,
                           .dv = 9,
                           .causal = true,
                           .key_lengths = true,
                           .bias = BiasKind::over_heads,
                           .masking_bias = true};

/// Every subset of the tangents that `operation` may go without, left out or zero.
template <class Space, class Scalar>
void check_missing_tangents(SdpaOperator operation, const std::vector<std::string>& names) {
  SdpaCall call = make_call(masked_case, operation, precision_of<Scalar>());
  call.backend = backend_of<Space>();
  for (unsigned subset = 1; subset < 1U << names.size(); ++subset) {
    SdpaCall without = call, zero = call;
    for (std::size_t n = 0; n < names.size(); ++n) {
      if ((subset >> n & 1) == 0) continue;
      without.inputs.erase(names[n]);
      auto& values = zero.inputs.at(names[n]).values;
      values = std::vector<double>(values_of(zero.inputs.at(names[n])).size());
    }
    const TensorSet given = apply_sdpa(without);
    for (const auto& [name, tensor] : apply_sdpa(zero)) {
      INFO(operation_name(operation), " ", name, ", subset ", subset);
      CHECK(same_bits(values_of(given.at(name)), values_of(tensor)));
    }
  }
}

TEST_CASE_TEMPLATE("sdpa: a missing tangent is a zero tangent, to the bit", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  check_missing_tangents<Space, Scalar>(SdpaOperator::jvp, {"q_dot", "k_dot", "v_dot", "bias_dot"});
  check_missing_tangents<Space, Scalar>(SdpaOperator::hvp,
                                        {"q_dot", "k_dot", "v_dot", "bias_dot", "d_o_dot"});
  check_missing_tangents<Space, Scalar>(SdpaOperator::jvp_vjp,
                                        {"q_dot", "k_dot", "v_dot", "bias_dot", "d_o"});
}

/// A row of one key has P = 1 and Ṗ = 0 exactly, whatever moves its score. The statistics and the owners
/// make Ṡ in one order, so that no rounding of it is left in Ṗ. On the host; tensor cores sum otherwise.
TEST_CASE_TEMPLATE("sdpa: one key alone has no tangent, to the bit", Scalar, float, double) {
  for (const bool few_heads : {false, true}) {
    SdpaCase one_key{.b = few_heads ? 1U : 40U, .h = 1, .tq = 64, .tk = 1, .d = 200, .dv = 2};
    SdpaCall call = make_call(one_key, SdpaOperator::hvp, precision_of<Scalar>());
    call.backend = Backend::openmp;
    const TensorSet moved = apply_sdpa(call);
    for (const char* name : {"q_dot", "k_dot"}) call.inputs.erase(name);
    CHECK(same_bits(values_of(moved.at("d_v_dot")), values_of(apply_sdpa(call).at("d_v_dot"))));
  }
}

/// The results of a call by name, each with its place in a BoundCall to take the want away from.
template <class Scalar>
std::map<std::string, std::function<void(BoundCall<Scalar>&)>> wants() {
  using Bound = BoundCall<Scalar>;
  return {{"o", [](Bound& c) { c.out.o = {}; }},
          {"lse", [](Bound& c) { c.out.lse = {}; }},
          {"o_dot", [](Bound& c) { c.out_dot.o = {}; }},
          {"lse_dot", [](Bound& c) { c.out_dot.lse = {}; }},
          {"d_q", [](Bound& c) { c.d.q = {}; }},
          {"d_k", [](Bound& c) { c.d.k = {}; }},
          {"d_v", [](Bound& c) { c.d.v = {}; }},
          {"d_bias", [](Bound& c) { c.d.bias = {}; }},
          {"d_q_dot", [](Bound& c) { c.d_dot.q = {}; }},
          {"d_k_dot", [](Bound& c) { c.d_dot.k = {}; }},
          {"d_v_dot", [](Bound& c) { c.d_dot.v = {}; }},
          {"d_bias_dot", [](Bound& c) { c.d_dot.bias = {}; }}};
}

/// Only `wanted` of the results, or all but it: the bits of a call for all, and NaN elsewhere.
template <class Space, class Scalar>
void check_wanted(const SdpaCall& call, const TensorSet& all, const std::string& wanted,
                  bool alone) {
  Marshal<Space, Scalar> data(call);
  BoundCall<Scalar> bound = bind(call, data);
  Workspace<Space> workspace;
  if (call.operation == SdpaOperator::vjp) run(SdpaOperator::forward, bound, workspace);
  for (const auto& [name, drop] : wants<Scalar>())
    if ((name == wanted) != alone) drop(bound);
  run(call.operation, bound, workspace);
  const TensorSet results = data.results({});
  for (const auto& [name, tensor] : all) {
    INFO(operation_name(call.operation), " ", name, alone ? ", alone is wanted " : ", all but ",
         wanted);
    if ((name == wanted) == alone) {
      CHECK(same_bits(values_of(results.at(name)), values_of(tensor)));
    } else {
      for (const double x : values_of(results.at(name))) REQUIRE(std::isnan(x));
    }
  }
}

TEST_CASE_TEMPLATE("sdpa: a result is the same whatever else is wanted", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const SdpaOperator operation : every_operator) {
    SdpaCall call = make_call(masked_case, operation, precision_of<typename Place::Scalar>());
    call.backend = backend_of<typename Place::Space>();
    const TensorSet all = apply_sdpa(call);
    for (const auto& result : all)
      for (const bool alone : {true, false})
        check_wanted<typename Place::Space, typename Place::Scalar>(call, all, result.first, alone);
  }
}

TEST_CASE_TEMPLATE("sdpa: a workspace used before, and larger, changes no bit", Space,
                   THERIA_TEST_SPACES) {
  const SdpaCall call = make_call(masked_case, SdpaOperator::hvp, Precision::float64);
  const SdpaCall larger = make_call({.b = 2, .h = 3, .tq = 70, .tk = 40, .d = 33, .dv = 33},
                                    SdpaOperator::hvp, Precision::float64);
  Marshal<Space, double> data(call), other(larger);
  const BoundCall<double> bound = bind(call, data);
  Workspace<Space> workspace;
  run(SdpaOperator::hvp, bound, workspace);
  const TensorSet first = data.results({});
  const std::size_t small = workspace.bytes();
  run(SdpaOperator::hvp, bind(larger, other), workspace);
  CHECK(workspace.bytes() > small);
  run(SdpaOperator::hvp, bound, workspace);
  CHECK(differing(first, data.results({})) == 0);
}

}  // namespace theria::test

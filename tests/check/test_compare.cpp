// SPDX-License-Identifier: Apache-2.0
// The checks can fail: each tool of the contract table on results that are wrong.
#include <doctest/doctest.h>

#include <limits>

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "src/check/properties.hpp"
#include "src/check/reference_sdpa.hpp"
#include "src/check/table.hpp"
#include "tests/support/specials.hpp"

namespace theria::test {

inline Tensor tensor(std::vector<double> values) { return {{values.size()}, std::move(values)}; }

TEST_CASE("relative_error is against the largest value of the reference") {
  CHECK(relative_error(tensor({1, 2, 4}), tensor({1, 2, 4}), 0) == 0);
  CHECK(relative_error(tensor({1, 2.5, 4}), tensor({1, 2, 4}), 0) == 0.125);
  CHECK(relative_error(tensor({-infinity, 1}), tensor({-infinity, 1}), 0) == 0);
  CHECK(relative_error(tensor({infinity, 1}), tensor({-infinity, 1}), 0) == infinity);
  CHECK(relative_error(tensor({nan, 1}), tensor({1, 1}), 0) == infinity);
  CHECK(relative_error(tensor({1, 1}), tensor({1, nan}), 0) == infinity);
  CHECK(relative_error(tensor({1}), tensor({1, 1}), 0) == infinity);
}

TEST_CASE(
    "relative_error is against the cancelling terms where the reference is zero by structure") {
  CHECK(relative_error(tensor({1e-16}), tensor({0}), 2) == 5e-17);
  CHECK(relative_error(tensor({1e-16}), tensor({1e-17}), 2) == doctest::Approx(4.5e-17));
  CHECK(relative_error(tensor({0.5}), tensor({1}), 2) == 0.5);
  CHECK(relative_error(tensor({1e-16}), tensor({0}), 0) == infinity);
}

TEST_CASE("differing counts bits, largest sees NaN") {
  const TensorSet x{{"a", tensor({1, 0.0, nan})}};
  CHECK(differing(x, x) == 0);
  CHECK(differing(x, {{"a", tensor({1, -0.0, nan})}}) == 1);
  CHECK(differing(x, {{"b", tensor({1, 0, nan})}}) > 3);
  CHECK(largest(tensor({1, -3, 2})) == 3);
  CHECK(largest(tensor({1, nan})) == infinity);
}

TEST_CASE("inner pairs tangents with cotangents and skips what is never read") {
  const TensorSet in{{"q_dot", tensor({1, 2})}, {"k_dot", tensor({nan, 3})}, {"q", tensor({9, 9})}};
  const TensorSet out{{"d_q", tensor({10, 100})}, {"d_k", tensor({1000, 1000})}};
  CHECK(inner(in, "_dot", out, "d_") == 210 + 3000);
}

TEST_CASE("the table keeps the worst of a line against its bar, and a NaN above all") {
  CheckTable table;
  const CheckTable::Line line{"sdpa.vjp", "value", "float64"};
  table.add(line, 1e-14, 1e-13, "first");
  table.add(line, 3e-14, 1e-12, "larger, but further from its bar");
  REQUIRE(table.rows().size() == 1);
  CHECK(table.rows()[0].worst_case == "first");
  CHECK(table.rows()[0].cases == 2);
  CHECK(table.rows()[0].passed());
  table.add(line, 2e-13, 1e-13, "over");
  CHECK_FALSE(table.rows()[0].passed());
  CHECK(table.rows()[0].worst_case == "over");
  table.add(line, 5e-14, 1e-13, "fine again");
  CHECK_FALSE(table.rows()[0].passed());
  table.add(line, nan, 1e-13, "not a number");
  CHECK(table.rows()[0].worst_case == "not a number");
  CHECK_FALSE(table.rows()[0].passed());
  table.add({"sdpa.vjp", "value", "float32"}, 0, 0, "another line");
  CHECK(table.rows().size() == 2);
}

TEST_CASE("a bar of zero takes nothing but zero") {
  CheckTable table;
  const CheckTable::Line line{"sdpa.vjp", "bits", "float64"};
  table.add(line, 0, 0, "same");
  CHECK(table.rows()[0].passed());
  table.add(line, 1, 0, "differs");
  CHECK_FALSE(table.rows()[0].passed());
  table.add(line, 0, 0, "same again");
  CHECK_FALSE(table.rows()[0].passed());
}

/// A small call and its results.
inline SdpaCall small_call(SdpaOperator operation) {
  return make_call({.b = 1, .h = 2, .tq = 5, .tk = 7, .d = 4, .dv = 3, .causal = true}, operation,
                   Precision::float64);
}

TEST_CASE("a result off in its twelfth digit fails against the reference") {
  const SdpaCall call = small_call(SdpaOperator::hvp);
  const TensorSet wanted = reference_sdpa<long double>(call);
  for (auto [name, result] : apply_sdpa(call)) {
    INFO(name);
    CHECK(relative_error(result, wanted.at(name), 0) < 1e-13);
    auto values = values_of(result);
    values[values.size() / 2] += 2e-12 * largest(result);
    result.values = values;
    CHECK(relative_error(result, wanted.at(name), 0) > 1e-12);
  }
}

TEST_CASE("the adjoint identity fails with one wrong cotangent, or one without its scale") {
  const SdpaCall call = small_call(SdpaOperator::vjp);
  SdpaCall forward = call;
  forward.operation = SdpaOperator::jvp;
  const auto o_dot = values_of(apply_sdpa(forward).at("o_dot"));
  const auto d_o = values_of(call.inputs.at("d_o"));
  double left = 0;
  for (std::size_t n = 0; n < d_o.size(); ++n) left += d_o[n] * o_dot[n];
  TensorSet cotangents = apply_sdpa(call);
  CHECK(std::abs(inner(call.inputs, "_dot", cotangents, "d_") - left) < 1e-13);
  auto values = values_of(cotangents.at("d_k"));
  for (double& x : values) x *= 2;  // D = 4: a scale of 1/2 forgotten
  cotangents.at("d_k").values = values;
  CHECK(std::abs(inner(call.inputs, "_dot", cotangents, "d_") - left) > 1e-3);
}

TEST_CASE("the HVP without the tangent of dO, or with a frozen normaliser, is seen") {
  const SdpaCall call = small_call(SdpaOperator::hvp);
  SdpaCall dropped = call;
  dropped.inputs.erase("d_o_dot");
  const TensorSet right = reference_sdpa<long double>(call);
  const TensorSet wrong = apply_sdpa(dropped);
  for (const char* name : {"d_q_dot", "d_k_dot", "d_v_dot"})
    CHECK(relative_error(wrong.at(name), right.at(name), 0) > 1e-2);
}

TEST_CASE("cases draw the same numbers again, others for another case, and say what they are") {
  const auto& cases = sdpa_cases();
  CHECK(cases.size() >= 20);
  const SdpaCall first = make_call(cases[3], SdpaOperator::hvp, Precision::float64);
  const SdpaCall again = make_call(cases[3], SdpaOperator::hvp, Precision::float64);
  CHECK(differing(first.inputs, again.inputs) == 0);
  for (std::size_t n = 0; n < cases.size(); ++n)
    for (std::size_t m = 0; m < n; ++m) REQUIRE(cases[n].text() != cases[m].text());
  CHECK(cases.front().text() == "B1 H1 Tq1 Tk1 D1 Dv1");
  const SdpaCall rounded = make_call(cases[3], SdpaOperator::hvp, Precision::float32);
  for (const double x : values_of(rounded.inputs.at("q")))
    REQUIRE(x == static_cast<double>(static_cast<float>(x)));
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "src/check/compare.hpp"
#include "src/check/properties.hpp"

namespace theria {
namespace {

/// The call at x + step·ẋ, dO + step·dȮ, as `operation`.
TensorSet displaced(const SdpaCall& call, double step, SdpaOperator operation) {
  SdpaCall moved = call;
  moved.operation = operation;
  for (const char* name : {"q", "k", "v", "bias", "d_o"}) {
    const auto point = call.inputs.find(name);
    const auto tangent = call.inputs.find(std::string(name) + "_dot");
    if (point == call.inputs.end() || tangent == call.inputs.end()) continue;
    auto x = values_of(point->second);
    const auto v = values_of(tangent->second);
    for (std::size_t n = 0; n < x.size(); ++n) x[n] += step * v[n];
    moved.inputs[name].values = std::move(x);
  }
  return apply_sdpa(moved);
}

/// (plus − minus) / 2 step, as tensors.
Tensor central(const Tensor& plus, const Tensor& minus, double step) {
  auto x = values_of(plus);
  const auto y = values_of(minus);
  for (std::size_t n = 0; n < x.size(); ++n) x[n] = (x[n] - y[n]) / (2 * step);
  return {plus.shape, std::move(x)};
}

/// ‖x − x₀ − step·ẋ‖ over the named results.
double remainder(const TensorSet& moved, const TensorSet& base, const TensorSet& tangent,
                 double step, const std::vector<std::string>& names) {
  double square = 0;
  for (const std::string& name : names) {
    if (!base.count(name)) continue;
    const auto x = values_of(moved.at(name)), x0 = values_of(base.at(name));
    const auto x_dot = values_of(tangent.at(name + "_dot"));
    for (std::size_t n = 0; n < x.size(); ++n) {
      const double r = x[n] - x0[n] - step * x_dot[n];
      square += r * r;
    }
  }
  return std::sqrt(square);
}

}  // namespace

void check_differences(CheckTable& table, const SdpaCase& c, Backend backend) {
  SdpaCall call = make_call(c, SdpaOperator::hvp, Precision::float64);
  call.backend = backend;
  const TensorSet jvp = apply_as(call, SdpaOperator::jvp);
  const TensorSet hvp = apply_as(call, SdpaOperator::hvp);
  const TensorSet vjp = apply_as(call, SdpaOperator::vjp);
  const std::string where = c.text();
  const std::vector<std::string> cotangents{"d_q", "d_k", "d_v", "d_bias"};

  // Truncation ~ step² and rounding ~ 1e-16/step: about 1e-10 at 1e-5, times the third derivative.
  const double step = 1e-5;
  const TensorSet o_plus = displaced(call, step, SdpaOperator::forward);
  const TensorSet o_minus = displaced(call, -step, SdpaOperator::forward);
  table.add({"sdpa.jvp", "against a central difference", "float64"},
            relative_error(jvp.at("o_dot"), central(o_plus.at("o"), o_minus.at("o"), step), 0),
            1e-7, where);
  const TensorSet d_plus = displaced(call, step, SdpaOperator::vjp);
  const TensorSet d_minus = displaced(call, -step, SdpaOperator::vjp);
  for (const std::string& name : cotangents)
    if (hvp.count(name))
      table.add({"sdpa.hvp", "against a difference of VJPs", "float64"},
                relative_error(hvp.at(name + "_dot"),
                               central(d_plus.at(name), d_minus.at(name), step), 0),
                1e-7, name + " at " + where);

  // Remainders at step and step/2: their ratio is 2^rate.
  const double far = 2e-3, near = 1e-3;
  const auto rate = [](double at_far, double at_near) { return std::log2(at_far / at_near); };
  const TensorSet base = apply_as(call, SdpaOperator::forward);
  const auto first_order = [&](double h) {
    return remainder(displaced(call, h, SdpaOperator::forward), base, jvp, h, {"o"});
  };
  table.add({"sdpa.jvp", "Taylor rate of the forward, below 2", "float64"},
            2 - rate(first_order(far), first_order(near)), 0.1, where);
  const auto second_order = [&](double h) {
    return remainder(displaced(call, h, SdpaOperator::vjp), vjp, hvp, h, cotangents);
  };
  table.add({"sdpa.hvp", "Taylor rate of the VJP, below 2", "float64"},
            2 - rate(second_order(far), second_order(near)), 0.1, where);
  // φ(h) = ⟨dO, o(x + hẋ)⟩ with dO held: φ − φ₀ − h⟨dx, ẋ⟩ − h²/2 ⟨ẋ, Hẋ⟩ vanishes as h³.
  SdpaCall held = call;
  held.inputs.erase("d_o_dot");
  const TensorSet held_hvp = apply_as(held, SdpaOperator::hvp);
  const Tensor& d_o = call.inputs.at("d_o");
  const double value = dot(d_o, base.at("o"));
  const double slope = inner(call.inputs, "_dot", vjp, "d_");
  const double curvature = inner(call.inputs, "_dot", held_hvp, "d_", "_dot");
  const auto cubic = [&](double h) {
    const double moved = dot(d_o, displaced(held, h, SdpaOperator::forward).at("o"));
    return std::abs(moved - value - h * slope - h * h / 2 * curvature);
  };
  table.add({"sdpa.hvp", "Taylor rate of <dO,o>, below 3", "float64"},
            3 - rate(cubic(far), cubic(near)), 0.1, where);
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "src/check/compare.hpp"
#include "src/check/properties.hpp"

namespace theria {
namespace {

double norm(const Tensor& x) { return std::sqrt(dot(x, x)); }

/// |a − b| against the size of the larger, or of the sums that make them.
double mismatch(double a, double b, double terms) {
  const double size = std::max({std::abs(a), std::abs(b), terms});
  return size == 0 ? 0 : std::abs(a - b) / size;
}

TensorSet zeros(const TensorSet& inputs, const std::vector<std::string>& names) {
  TensorSet all;
  for (const std::string& name : names) {
    const auto found = inputs.find(name);
    if (found == inputs.end()) continue;
    all[name] = {found->second.shape, std::vector<double>(values_of(found->second).size())};
  }
  return all;
}

void check_zero(CheckTable& table, const CheckTable::Line& line, const TensorSet& results,
                const std::vector<std::string>& names, const std::string& where) {
  for (const std::string& name : names)
    if (const auto found = results.find(name); found != results.end())
      table.add(line, largest(found->second), 0, name + " at " + where);
}

}  // namespace

void check_identities(CheckTable& table, const SdpaCase& c, Precision precision, Backend backend) {
  const std::string type(word_of(precision));
  SdpaCall call = make_call(c, SdpaOperator::hvp, precision);
  call.backend = backend;
  const TensorSet& in = call.inputs;
  const std::string where = c.text();

  const TensorSet jvp = apply_as(call, SdpaOperator::jvp);
  const TensorSet vjp = apply_as(call, SdpaOperator::vjp);
  const TensorSet hvp = apply_as(call, SdpaOperator::hvp);
  const TensorSet jvp_vjp = apply_as(call, SdpaOperator::jvp_vjp);

  // ⟨dO, ȯ⟩ = ⟨dx, ẋ⟩. float32: the sums have thousands of rounded terms; the narrow types: each side is within its own bar.
  const double adjoint_bar = precision == Precision::float64   ? 1e-12
                             : precision == Precision::float32 ? 2e-5
                                                               : 2 * narrow_bar(call);
  const double size = norm(in.at("d_o")) * norm(jvp.at("o_dot"));
  table.add({"sdpa.vjp", "adjoint of the JVP", type},
            mismatch(dot(in.at("d_o"), jvp.at("o_dot")), inner(in, "_dot", vjp, "d_"), size),
            adjoint_bar, where);

  // The Hessian of ⟨dO, o⟩ in (x, dO), between the case's direction v and another one u.
  if (precision == Precision::float64) {
    TensorSet u;
    for (const char* name : {"q_dot", "k_dot", "v_dot", "bias_dot", "d_o_dot"})
      if (const auto found = in.find(name); found != in.end()) {
        auto values = values_of(found->second);
        std::rotate(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 3),
                    values.end());
        for (double& x : values) x = std::isfinite(x) ? x : 0.5;
        u[name] = {found->second.shape, values};
      }
    const TensorSet hvp_u = apply_as(call, SdpaOperator::hvp, u);
    const TensorSet jvp_u = apply_as(call, SdpaOperator::jvp, u);
    const double left = inner(u, "_dot", hvp, "d_", "_dot") + dot(u.at("d_o_dot"), jvp.at("o_dot"));
    const double right =
        inner(in, "_dot", hvp_u, "d_", "_dot") + dot(in.at("d_o_dot"), jvp_u.at("o_dot"));
    const double terms = norm(u.at("d_o_dot")) * norm(jvp.at("o_dot"));
    table.add({"sdpa.hvp", "symmetry", type}, mismatch(left, right, terms), 1e-12, where);
  }

  check_zero(table, {"sdpa.jvp", "zero tangent gives zero", type},
             apply_as(call, SdpaOperator::jvp, zeros(in, {"q_dot", "k_dot", "v_dot", "bias_dot"})),
             {"o_dot", "lse_dot"}, where);
  check_zero(table, {"sdpa.vjp", "zero cotangent gives zero", type},
             apply_as(call, SdpaOperator::vjp, zeros(in, {"d_o"})), {"d_q", "d_k", "d_v", "d_bias"},
             where);
  check_zero(table, {"sdpa.hvp", "zero tangent gives zero", type},
             apply_as(call, SdpaOperator::hvp,
                      zeros(in, {"q_dot", "k_dot", "v_dot", "bias_dot", "d_o_dot"})),
             {"d_q_dot", "d_k_dot", "d_v_dot", "d_bias_dot"}, where);

  for (const auto& [operation, first] : {std::pair{SdpaOperator::jvp, &jvp},
                                         {SdpaOperator::vjp, &vjp},
                                         {SdpaOperator::hvp, &hvp},
                                         {SdpaOperator::jvp_vjp, &jvp_vjp}}) {
    table.add({operation_name(operation), "values that differ when run again", type},
              static_cast<double>(differing(*first, apply_as(call, operation))), 0, where);
  }
}

}  // namespace theria

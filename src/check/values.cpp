// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <utility>

#include "src/check/compare.hpp"
#include "src/check/properties.hpp"
#include "src/check/reference_sdpa.hpp"

namespace theria {
namespace {

/// Sizes of the terms that cancel when a result is zero by structure (one key, say): products of the
/// largest rows, by the formulas of docs/theory.md.
double size_of_terms(const SdpaCall& call, const std::string& result) {
  const auto most = [&](const char* name) {
    const auto found = call.inputs.find(name);
    double largest = 0;
    if (found != call.inputs.end())
      for (const double x : values_of(found->second))
        if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
    return largest;
  };
  const auto d = static_cast<double>(call.inputs.at("q").shape[3]);
  const auto dv = static_cast<double>(call.inputs.at("v").shape[3]);
  const double scale = call.scale.value_or(1 / std::sqrt(d));
  const double d_p = dv * most("d_o") * most("v");
  const double s_dot =
      scale * d * (most("q_dot") * most("k") + most("q") * most("k_dot")) + most("bias_dot");
  const double d_p_dot = dv * (most("d_o_dot") * most("v") + most("d_o") * most("v_dot"));
  const double d_s_dot = s_dot * d_p + d_p_dot;
  if (result == "o_dot") return s_dot * most("v") + most("v_dot");
  if (result == "d_q") return scale * d_p * most("k");
  if (result == "d_k") return scale * d_p * most("q");
  if (result == "d_bias") return d_p;
  if (result == "d_q_dot") return scale * (d_s_dot * most("k") + d_p * most("k_dot"));
  if (result == "d_k_dot") return scale * (d_s_dot * most("q") + d_p * most("q_dot"));
  if (result == "d_bias_dot") return d_s_dot;
  return 0;
}

/// The double-precision bar: 1e-13 (HVP 1e-12) for |S| ≤ 100, growing as |S|/100 beyond, because an
/// error of one ulp in S is a relative error of ulp·|S| in P.
double float64_bar(const SdpaCall& call) {
  const bool second =
      call.operation == SdpaOperator::hvp || call.operation == SdpaOperator::jvp_vjp;
  return (second ? 1e-12 : 1e-13) * std::max(1.0, score_bound(call) / 100);
}

TensorSet on_host(SdpaCall call) {
  call.backend = Backend::openmp;
  return apply_sdpa(call);
}

}  // namespace

double narrow_bar(const SdpaCall& call) {
  const double score = score_bound(call);
  if (call.precision == Precision::bfloat16) return 4 * 0x1p-9 * (score > 10 ? 4 : 1) + 0x1p-8;
  const double stored = call.precision == Precision::float16 ? 0x1p-11 : 0;
  return 4 * 0x1p-11 * std::max(1.0, score / 10) + stored;
}

std::string operation_name(SdpaOperator operation) {
  static const char* const names[] = {"forward", "vjp", "jvp", "hvp", "jvp_vjp"};
  return std::string("sdpa.") + names[static_cast<int>(operation)];
}

TensorSet apply_as(SdpaCall call, SdpaOperator operation, const TensorSet& replaced) {
  call.operation = operation;
  for (const auto& [name, tensor] : replaced) call.inputs[name] = tensor;
  return apply_sdpa(call);
}

void check_values(CheckTable& table, const SdpaCase& c, Precision precision, Backend backend) {
  const bool single = precision == Precision::float32;
  const std::string type(word_of(precision));
  for (const auto operation : {SdpaOperator::forward, SdpaOperator::vjp, SdpaOperator::jvp,
                               SdpaOperator::hvp, SdpaOperator::jvp_vjp}) {
    SdpaCall call = make_call(c, operation, precision);
    call.backend = backend;
    const TensorSet results = apply_sdpa(call);
    const TensorSet wanted = reference_sdpa<long double>(call);
    const TensorSet dense = single ? reference_sdpa<float>(call) : TensorSet{};
    const TensorSet host = backend == Backend::openmp ? TensorSet{} : on_host(call);
    for (const auto& [name, tensor] : results) {
      const double terms = size_of_terms(call, name);
      const double error = relative_error(tensor, wanted.at(name), terms);
      const double bar =
          single ? std::max(2e-6, 2 * relative_error(dense.at(name), wanted.at(name), terms))
          : precision == Precision::float64 ? float64_bar(call)
                                            : narrow_bar(call);
      const std::string where = name + " at " + c.text();
      table.add({operation_name(operation), "value against the reference", type}, error, bar,
                where);
      // Each side is within its own bar of the truth.
      if (!host.empty())
        table.add({operation_name(operation), "device against host", type},
                  relative_error(tensor, host.at(name), terms), 2 * bar, where);
    }
  }
}

}  // namespace theria

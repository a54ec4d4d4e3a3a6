// SPDX-License-Identifier: Apache-2.0
#include "src/apply/apply.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "src/apply/load.hpp"
#include "src/apply/operators.hpp"
#include "src/apply/write_outputs.hpp"
#include "src/core/error.hpp"
#include "src/io/fault.hpp"
#include "src/io/output_path.hpp"

namespace theria {

namespace {

/// Finite inputs give finite outputs, and −∞ in lse alone, unless the scores leave the range of the
/// type: that is said, and nothing is written.
void check_outputs(const std::map<std::string, Tensor>& outputs, const ApplyRequest& request) {
  for (const auto& [name, tensor] : outputs) {
    const auto usable = [&](auto x) {
      return std::isfinite(x) || (name == "lse" && std::isinf(x) && x < 0);
    };
    const auto bad = std::visit(
        [&](const auto& values) {
          return values.size() -
                 static_cast<std::size_t>(std::count_if(values.begin(), values.end(), usable));
        },
        tensor.values);
    if (bad > 0) {
      throw RunError(fmt::format(
          "{}: {} of the {} numbers of {} are not finite: the inputs are too large for {}; "
          "nothing was written",
          inputs_of(request.operation).name, bad, count_of(tensor.shape), name,
          word_of(request.precision)));
    }
  }
}

}  // namespace

ApplyReport apply(const ApplyRequest& request) {
  std::error_code ignored;
  if (std::filesystem::equivalent(request.input, request.output, ignored)) {
    throw UserError("output " + request.output + ": is the input itself; name another file");
  }
  const auto loaded = load_call(request);
  check_output_path(request.output, request.overwrite);
  const auto outputs = apply_sdpa(loaded.call);
  check_outputs(outputs, request);
  write_outputs(request, loaded.call, outputs);
  return {.output = request.output, .ignored = loaded.ignored};
}

}  // namespace theria

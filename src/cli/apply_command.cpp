// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "src/apply/apply.hpp"
#include "src/apply/operators.hpp"
#include "src/cli/console.hpp"
#include "src/cli/options.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

int apply_command(const ApplyOptions& options, const Invocation& invocation) {
  const ApplyRequest request{.operation = operator_named(options.operation),
                             .input = options.input,
                             .output = options.output,
                             .overwrite = options.overwrite,
                             .precision = options.precision,
                             .backend = resolve(options.backend),
                             .causal = options.causal,
                             .scale = options.scale};
  const Runtime runtime(invocation.kokkos_words);
  const ApplyReport report = apply(request);
  for (const std::string& name : report.ignored) {
    warn(fmt::format("theria: warning: {}: {} does not read \"{}\"", options.input,
                     options.operation, name));
  }
  say(fmt::format("wrote {}", report.output));
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

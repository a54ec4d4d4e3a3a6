// SPDX-License-Identifier: Apache-2.0
#include "src/apply/apply.hpp"

#include <filesystem>

#include "src/apply/load.hpp"
#include "src/apply/write_outputs.hpp"
#include "src/core/error.hpp"
#include "src/io/output_path.hpp"

namespace theria {

ApplyReport apply(const ApplyRequest& request) {
  std::error_code ignored;
  if (std::filesystem::equivalent(request.input, request.output, ignored)) {
    throw UserError("output " + request.output + ": is the input itself; name another file");
  }
  const auto loaded = load_call(request);
  check_output_path(request.output, request.overwrite);
  write_outputs(request, loaded.call, apply_sdpa(loaded.call));
  return {.output = request.output, .ignored = loaded.ignored};
}

}  // namespace theria

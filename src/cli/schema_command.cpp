// SPDX-License-Identifier: Apache-2.0
#include "src/deck/schema.hpp"

#include "src/cli/console.hpp"
#include "src/cli/options.hpp"

namespace theria {

int schema_command(const SchemaOptions& options) {
  say(options.markdown ? schema_markdown() : schema_text());
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <vector>

#include "src/cli/console.hpp"
#include "src/cli/options.hpp"
#include "src/core/build_info.hpp"
#include "src/driver/runtime.hpp"
#include "src/io/result.hpp"

namespace theria {

int info_command(const InfoOptions& options) {
  if (!options.file.empty()) {
    say(describe_result(options.file));
    return static_cast<int>(ExitCode::done);
  }
  const BuildInfo& build = build_info();
  std::vector<std::vector<std::string>> rows = {
      {"theria", build.version},
      {"git", build.git_hash + (build.git_dirty ? " (modified)" : "")},
      {"preset", build.preset},
      {"compiler", build.compiler},
      {"flags", build.flags},
      {"Kokkos",
       build.kokkos_version + (build.kokkos_arch.empty() ? "" : ", " + build.kokkos_arch)}};
  for (const BackendInfo& info : backends()) {
    rows.push_back({fmt::format("backend {}", word_of(info.backend)),
                    info.usable ? info.device : "not usable: " + info.reason});
  }
  say(table(rows, "<<"));
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

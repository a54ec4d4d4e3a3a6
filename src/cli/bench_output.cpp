// SPDX-License-Identifier: Apache-2.0
#include "src/cli/bench_output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "src/driver/runtime.hpp"
#include "src/io/atomic_file.hpp"

namespace theria {

std::string device_of(Backend backend) {
  for (const BackendInfo& info : backends())
    if (info.backend == backend) return info.device;
  return "";
}

std::string json_error(const std::optional<double>& error) {
  return error && std::isfinite(*error) ? fmt::format("{:.3e}", *error) : "null";
}

void write_lines(const std::string& path, bool overwrite, const std::string& lines) {
  AtomicFile out(path);
  out.write(std::as_bytes(std::span(lines.data(), lines.size())));
  out.publish(overwrite ? NameTaken::replace : NameTaken::refuse);
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/cli/bench_output.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/io/atomic_file.hpp"
#include "src/io/output_path.hpp"

namespace theria {

namespace {

std::string device_of(Backend backend) {
  for (const BackendInfo& info : backends())
    if (info.backend == backend) return info.device;
  return "";
}

/// The backend to run on, once it is known that what comes out can be written.
Backend checked(Backend wanted, const std::string& json, bool overwrite) {
  if (!json.empty()) check_output_path(json, overwrite);
  return resolve(wanted);
}

}  // namespace

BenchStart::BenchStart(Backend wanted, const std::string& json, bool overwrite,
                       const Invocation& invocation)
    : backend(checked(wanted, json, overwrite)),
      device(device_of(backend)),
      runtime(invocation.kokkos_words) {
  say(help::version());
  say(fmt::format("backend   {}: {}", word_of(backend), device));
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

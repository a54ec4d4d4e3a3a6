// SPDX-License-Identifier: Apache-2.0
#include "src/core/build_info.hpp"
#include "src/io/machine.hpp"
#include "src/io/result_parts.hpp"

namespace theria {

void write_provenance(hdf5::Writer& file, const ResultFile& result) {
  const auto& build = build_info();
  const auto& deck = result.outcome.deck;
  const auto text = [&](const char* name, std::string_view value) {
    file.attribute("/", name, value);
  };
  text("Conventions", "theria-1");
  text("title", "meta-gradient run of theria");
  text("software", "theria");
  text("software_version", build.version);
  text("git_hash", build.git_hash);
  file.attribute("/", "git_dirty", std::int32_t{build.git_dirty});
  text("compiler", build.compiler);
  text("kokkos_version", build.kokkos_version);
  text("backend", word_of(deck.backend));
  text("device", result.outcome.device);
  text("cpu", cpu_model());
  text("host_simd", host_simd());
  file.attribute("/", "threads", std::int32_t{result.outcome.threads});
  text("engine", word_of(deck.meta.engine));
  text("precision", word_of(deck.precision));
  file.attribute("/", "seed", deck.seed);
  text("command_line", result.command_line);
  text("host", host_name());
  text("time_start", result.time_start);
  text("time_end", result.time_end);
  file.attribute("/", "wall_seconds", result.wall_seconds);
  const auto bytes = [&](const char* name, std::size_t value) {
    file.attribute("/", name, static_cast<std::uint64_t>(value));
  };
  bytes("planned_device_bytes", result.outcome.memory.planned_device);
  bytes("planned_host_bytes", result.outcome.memory.planned_host);
  bytes("device_bytes", result.outcome.memory.device);
  bytes("peak_host_bytes", result.outcome.memory.host_peak);
  text("exit_reason", "finished");
}

}  // namespace theria

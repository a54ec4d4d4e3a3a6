// SPDX-License-Identifier: Apache-2.0
#include "src/driver/run.hpp"

#include <cmath>
#include <cstdio>

#include "src/core/error.hpp"
#include "src/driver/on_place.hpp"
#include "src/driver/runtime.hpp"
#include "src/driver/trainer.hpp"
#include "src/io/memory.hpp"

namespace theria {
namespace {

std::string gibibytes(double bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", bytes / (1 << 30));
  return text;
}

bool is_here(Backend backend) {
  for (const BackendInfo& info : backends())
    if (info.backend == backend) return info.usable;
  return false;
}

}  // namespace

std::vector<std::int64_t> EvaluationRow::left_out() const {
  std::vector<std::int64_t> tasks;
  for (std::size_t n = 0; n < query_loss_after.size(); ++n)
    if (std::isnan(query_loss_after[n])) tasks.push_back(static_cast<std::int64_t>(n));
  return tasks;
}

std::string memory_shortage(const Deck& resolved) {
  if (!is_here(resolved.backend)) return {};
  const RunPlan needed = plan(resolved);
  const std::size_t host = needed.host_bytes(), device = needed.device_bytes();
  const auto short_of = [](std::size_t bytes, std::size_t present, const char* what) {
    if (bytes <= present) return std::string();
    return std::string(what) + " takes " + gibibytes(static_cast<double>(bytes)) +
           " of memory, there are " + gibibytes(static_cast<double>(present));
  };
  const bool apart = resolved.backend == Backend::cuda;
  std::string text =
      short_of(device + (apart ? 0 : host), memory_bytes(resolved.backend), "the run");
  if (text.empty() && apart)
    text = short_of(host, memory_bytes(Backend::openmp), "what the run keeps on the host");
  if (text.empty()) return text;
  if (needed.file_bytes > device) text += "; the episodes' file is read whole";
  if (needed.record_bytes > device) text += "; output.record keeps every one of meta.tasks";
  if (device <= memory_bytes(resolved.backend)) return text;
  const std::size_t engine = needed.sweep_bytes + needed.workspace_bytes;
  if (needed.engine.kind == EngineKind::episode && engine > device / 2)
    text += "; meta.engine general, or fewer threads, may need less";
  if (needed.tasks_per_launch > 1)
    text += "; a smaller meta.batch than " + std::to_string(needed.tasks_per_launch) +
            " needs less, with the same result";
  return text;
}

RunOutcome run(const Deck& resolved, const RunListener& listener) {
  if (const std::string shortage = memory_shortage(resolved); !shortage.empty())
    throw UserError(shortage);
  const std::size_t free_before = memory_bytes(resolved.backend);
  const RunPlan planned = plan(resolved);
  const std::size_t kept = planned.kept_bytes(room_for_episodes(planned, resolved.backend));
  RunOutcome outcome = on_place(resolved, [&]<class Space, class Scalar>() {
    return Trainer<Space, Scalar>(resolved).run(listener);
  });
  outcome.memory = {
      .planned_device = planned.device_bytes() + kept,
      .planned_host = planned.host_bytes(),
      .device = resolved.backend == Backend::cuda ? free_before - outcome.memory.device : 0,
      .host_peak = peak_resident_bytes()};
  outcome.deck = resolved;
  outcome.deck.meta.engine = choose_engine(resolved).kind;
  outcome.threads = host_threads();
  for (const BackendInfo& info : backends())
    if (info.backend == resolved.backend) outcome.device = info.device;
  return outcome;
}

}  // namespace theria

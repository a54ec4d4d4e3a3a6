// SPDX-License-Identifier: Apache-2.0
#include "src/driver/run.hpp"

#include <cstdio>

#include "src/core/error.hpp"

#include "src/driver/runtime.hpp"
#include "src/driver/trainer.hpp"

namespace theria {
namespace {

template <class Space>
RunOutcome run_on(const Deck& deck, const RunListener& listener) {
  if (deck.precision == Precision::float64) return Trainer<Space, double>(deck).run(listener);
  return Trainer<Space, float>(deck).run(listener);
}

RunOutcome dispatch(const Deck& deck, const RunListener& listener) {
#ifdef KOKKOS_ENABLE_CUDA
  if (deck.backend == Backend::cuda) return run_on<Cuda>(deck, listener);
#endif
  return run_on<OpenMP>(deck, listener);
}

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

std::string memory_shortage(const Deck& resolved) {
  if (!is_here(resolved.backend)) return {};
  const RunPlan needed = plan(resolved);
  const auto bytes = static_cast<double>(needed.bytes());
  const auto present = static_cast<double>(memory_bytes(resolved.backend));
  if (bytes <= present) return {};
  std::string text =
      "the run takes " + gibibytes(bytes) + " of memory, there are " + gibibytes(present);
  if (needed.tasks_per_launch > 1)
    text += "; a smaller meta.batch than " + std::to_string(needed.tasks_per_launch) +
            " needs less, with the same result";
  return text;
}

RunOutcome run(const Deck& resolved, const RunListener& listener) {
  if (const std::string shortage = memory_shortage(resolved); !shortage.empty())
    throw UserError(shortage);
  RunOutcome outcome = dispatch(resolved, listener);
  outcome.deck = resolved;
  outcome.threads = host_threads();
  for (const BackendInfo& info : backends())
    if (info.backend == resolved.backend) outcome.device = info.device;
  return outcome;
}

}  // namespace theria

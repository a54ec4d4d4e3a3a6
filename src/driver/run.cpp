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

/// Refuses a plan that the backend's memory can't hold, before any of it is allocated.
void check_memory(const Deck& deck) {
  const RunPlan needed = plan(deck);
  const double bytes = static_cast<double>(needed.bytes());
  const double present = static_cast<double>(memory_bytes(deck.backend));
  if (bytes > present)
    throw UserError("the run takes " + gibibytes(bytes) + " of memory, this machine has " +
                    gibibytes(present) + "; a smaller meta.batch than " +
                    std::to_string(needed.tasks_per_launch) + " needs less, with the same result");
}

}  // namespace

RunOutcome run(const Deck& resolved, const RunListener& listener) {
  check_memory(resolved);
  RunOutcome outcome = dispatch(resolved, listener);
  outcome.deck = resolved;
  outcome.threads = host_threads();
  for (const BackendInfo& info : backends())
    if (info.backend == resolved.backend) outcome.device = info.device;
  return outcome;
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/driver/run.hpp"

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

}  // namespace

RunOutcome run(const Deck& resolved, const RunListener& listener) {
  RunOutcome outcome = dispatch(resolved, listener);
  outcome.deck = resolved;
  outcome.threads = host_threads();
  for (const BackendInfo& info : backends())
    if (info.backend == resolved.backend) outcome.device = info.device;
  return outcome;
}

}  // namespace theria

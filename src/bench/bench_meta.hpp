// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "src/bench/peak.hpp"
#include "src/bench/timing.hpp"
#include "src/meta/choice.hpp"

namespace theria {

/// What a meta-gradient of one deck takes, with episodes and parameters in place.
struct MetaBenchResult {
  EngineChoice engine;
  Timing ms;                          // of the mean meta-gradient of all tasks
  double first_ms;                    // of the first, allocations included
  std::optional<double> gflops;       // of meta_operations(), of TinyAttention
  std::optional<double> gigabytes_s;  // of meta_bytes(), of TinyAttention
  std::size_t extra_bytes;            // beyond episodes and parameters
  /// Of the timed run, against the general engine in float64 on the host (itself: against the episode
  /// engine): ‖g − g64‖ / ‖g64‖, g the mean over the first tasks.
  std::optional<double> error;
  int compared;  // of how many tasks that is
};

/// Operations of one task's meta-gradient, a multiply and an add counted as two: those of TinyAttention in
/// the doubly absorbed form (docs/theory.md), whatever the engine executes.
double meta_operations(const Deck& deck);

/// Bytes of episodes that one task's meta-gradient reads where each gradient and each product reads them once; of
/// TinyAttention.
double meta_bytes(const Deck& deck);

/// What the deck's device and type do at best.
Peak meta_peak(const Deck& deck);

/// Throws UserError where memory does not suffice, or the deck's engine can't compute it.
void check_meta_bench(const Deck& deck);

/// Times the meta-gradient of a resolved deck on its own tasks. `seconds`: how long to measure. Needs a
/// Runtime.
MetaBenchResult bench_meta(const Deck& deck, double seconds);

}  // namespace theria

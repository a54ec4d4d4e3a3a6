// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "src/driver/recorder.hpp"
#include "src/driver/run.hpp"
#include "src/meta/engine.hpp"
#include "src/meta/finite_tasks.hpp"
#include "src/meta/outer.hpp"
#include "src/meta/pairwise_sum.hpp"
#include "src/models/layout.hpp"
#include "src/tasks/source.hpp"

namespace theria {
namespace {

/// About what its episodes take: its size on disk.
std::size_t bytes_of_file(const Deck& deck) {
  if (!reads_episodes(deck.task.kind)) return 0;
  std::error_code absent;
  const auto size = std::filesystem::file_size(deck.task.file, absent);
  return absent ? 0 : static_cast<std::size_t>(size);
}

template <class Scalar>
RunPlan plan_in(const Deck& deck) {
  const int tasks = tasks_per_launch(deck);
  const std::size_t sequences = deck.task.support + deck.task.query;
  const std::size_t numbers = sequences * deck.task.tokens * deck.task.features;
  const std::size_t parameters = parameter_layout(deck).size();
  const std::size_t learned = learned_layout(deck).size();
  const bool recorded = deck.output.record || deck.outer.steps == 0;
  const EngineBytes engine = engine_bytes<Scalar>(deck, tasks);
  const std::size_t file = bytes_of_file(deck);
  const bool resident = deck.backend == Backend::cuda && file <= most_resident_bytes;
  return {.engine = choose_engine(deck),
          .parameters = parameters,
          .tasks_per_launch = tasks,
          .episode_bytes = (resident ? file : 0) +
                           tasks * (numbers * sizeof(Scalar) +
                                    (is_regression(deck.task.kind)
                                         ? sequences * sizeof(Scalar)
                                         : (sequences + deck.task.signals) * sizeof(std::int32_t))),
          .sweep_bytes = engine.sweep,
          .workspace_bytes = engine.workspace,
          // θ and the meta-gradient, the θ_K that a record copies, the sum, the optimiser.
          .outer_bytes = (2 * learned + ((recorded ? tasks : 0) +
                                         (deck.meta.mode == MetaMode::reptile ? tasks : 0)) *
                                            parameters) *
                             sizeof(Scalar) +
                         PairwiseSum<OpenMP, Scalar>::bytes(learned, deck.meta.tasks, tasks) +
                         FiniteTasks<OpenMP, Scalar>::bytes(tasks, learned) +
                         OuterOptimiser<OpenMP, Scalar>::bytes(deck.outer, learned),
          .record_bytes = recorded ? Recorder<Scalar>::bytes(deck, parameters) : 0,
          // The reader keeps what it read until it has made its own numbers of it.
          .file_bytes = 2 * file};
}

}  // namespace

int tasks_per_launch(const Deck& deck) {
  return deck.meta.batch == 0 ? deck.meta.tasks : std::min(deck.meta.batch, deck.meta.tasks);
}

RunPlan plan(const Deck& resolved) {
  return resolved.precision == Precision::float64 ? plan_in<double>(resolved)
                                                  : plan_in<float>(resolved);
}

}  // namespace theria

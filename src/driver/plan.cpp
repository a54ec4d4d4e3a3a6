// SPDX-License-Identifier: Apache-2.0
#include "src/core/error.hpp"
#include "src/driver/recorder.hpp"
#include "src/driver/run.hpp"
#include "src/driver/runtime.hpp"
#include "src/io/episodes.hpp"
#include "src/meta/engine.hpp"
#include "src/meta/finite_tasks.hpp"
#include "src/meta/outer.hpp"
#include "src/meta/pairwise_sum.hpp"
#include "src/models/layout.hpp"
#include "src/tasks/rounded.hpp"

namespace theria {
namespace {

/// Of the deck's file; no episodes where it has none, or can't be read, which resolve_files() has said.
EpisodesSize episodes_of(const Deck& deck) {
  if (!reads_episodes(deck.task.kind)) return {0, 0};
  try {
    return size_of_episodes(deck.task.file);
  } catch (const UserError&) {
    return {0, 0};
  }
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
  const std::size_t answers =
      sequences * (is_regression(deck.task.kind) ? sizeof(Scalar) : sizeof(std::int32_t));
  const bool narrow = input_type(deck) == InputType::bfloat16;
  const std::size_t episode = numbers * (narrow ? sizeof(BFloat16) : sizeof(Scalar)) + answers;
  const std::size_t unrounded = narrow && !reads_episodes(deck.task.kind)
                                    ? RoundedSource<OpenMP, Scalar>::unrounded_tasks(tasks)
                                    : 0;
  const EpisodesSize file = episodes_of(deck);
  return {.engine = choose_engine(deck),
          .parameters = parameters,
          .tasks_per_launch = tasks,
          .episode_bytes = tasks * (episode + deck.task.signals * sizeof(std::int32_t)) +
                           unrounded * numbers * sizeof(Scalar),
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
          .resident_bytes = deck.backend == Backend::cuda ? file.tasks * episode : 0,
          .ahead_bytes = deck.backend == Backend::cuda && file.tasks > 0 ? tasks * episode : 0,
          .record_bytes = recorded ? Recorder<Scalar>::bytes(deck, parameters) : 0,
          // The reader keeps what it read until it has made its own numbers of it.
          .file_bytes = file.tasks * (numbers * file.bytes_of_a_number + answers + episode)};
}

}  // namespace

RunPlan plan(const Deck& resolved) {
  return resolved.precision == Precision::float64 ? plan_in<double>(resolved)
                                                  : plan_in<float>(resolved);
}

std::size_t room_for_episodes(const RunPlan& plan, Backend resolved) {
  const std::size_t needed = plan.device_bytes(), present = memory_bytes(resolved);
  return present > needed ? present - needed : 0;
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/driver/run.hpp"
#include "src/meta/meta_gradient.hpp"

namespace theria {
namespace {

template <class Scalar>
RunPlan plan_in(const Deck& deck) {
  const int wanted = deck.meta.batch == 0 ? deck.meta.tasks : deck.meta.batch;
  const int tasks = std::min(wanted, deck.meta.tasks);
  const std::size_t sequences = deck.task.support + deck.task.query;
  const std::size_t numbers = sequences * deck.task.tokens * deck.task.features;
  using Engine = MetaGradient<OpenMP, Scalar>;
  return {.parameters = parameter_layout(deck).size(),
          .tasks_per_launch = tasks,
          .episode_bytes = tasks * (numbers * sizeof(Scalar) + sequences * sizeof(std::int32_t)),
          .sweep_bytes = Engine::sweep_bytes(deck, tasks),
          .workspace_bytes = Engine::workspace_bytes(deck, tasks)};
}

}  // namespace

RunPlan plan(const Deck& resolved) {
  return resolved.precision == Precision::float64 ? plan_in<double>(resolved)
                                                  : plan_in<float>(resolved);
}

}  // namespace theria

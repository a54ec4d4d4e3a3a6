// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "src/driver/recorder.hpp"
#include "src/driver/run.hpp"
#include "src/meta/engine.hpp"
#include "src/meta/finite_tasks.hpp"
#include "src/meta/outer.hpp"
#include "src/meta/pairwise_sum.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// The outer loop of one run: meta-gradients over launches of tasks, the outer step, evaluations.
template <class Space, class Scalar>
class Trainer {
 public:
  explicit Trainer(const Deck& deck);

  RunOutcome run(const RunListener& listener);

 private:
  /// What the tasks of one outer step or evaluation scored, in task order.
  struct Scores {
    std::vector<double> support_loss_before, query_loss_before, query_loss_after;
    std::vector<double> query_accuracy_before, query_accuracy_after;
    Certificate certificate;
    std::vector<std::int32_t> finite;  // 0 of a task that is left out, whose scores are NaN
  };

  /// Calls work(batch) for the tasks first … first + count − 1, a launch at a time, and collects their scores; it may
  /// say which tasks came out in finite numbers. A task that did not is left out, or, as the deck says, a RunError
  /// names the first.
  Scores for_each_launch(
      Split split, std::int64_t first, int count,
      const std::function<std::vector<std::int32_t>(const EpisodeBatch<Space, Scalar>&)>& work);
  static void leave_out(Scores& scores, std::size_t n);

  Scores meta_gradient(int step, Recorder<Scalar>* recorder);
  /// Every task's meta-gradient in an outer step, (n,P), by the deck's mode, and θ_K where `adapted` is given. Of
  /// reptile it is the way back from θ_K, θ_0 − θ_K (Nichol, Achiam and Schulman 2018).
  Array<Scalar, 2> task_gradients(int step, const EpisodeBatch<Space, Scalar>& batch,
                                  const Array<Scalar, 2>& adapted);
  EvaluationRow evaluate(int steps_done);
  std::vector<Scalar> flat(const ViewOn<Scalar*, Space>& view) const { return download(view); }

  Deck m_deck;
  ParameterLayout m_layout;   // what is learned
  ParameterLayout m_adapted;  // what a task adapts: the same but for learned rates
  Space m_space;
  int m_launch;  // tasks a launch
  std::unique_ptr<EpisodeSource<Space, Scalar>> m_source;
  EpisodeBatch<Space, Scalar> m_batch;
  std::unique_ptr<Engine<Space, Scalar>> m_engine;
  PairwiseSum<Space, Scalar> m_sum;
  FiniteTasks<Space, Scalar> m_finite;
  OuterOptimiser<Space, Scalar> m_optimiser;
  ViewOn<Scalar*, Space> m_theta, m_gradient;  // (P)
  ViewOn<Scalar**, Space> m_way;               // (n,P): θ_0 − θ_K, of reptile
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/driver/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "src/driver/runtime.hpp"
#include "src/driver/trouble.hpp"
#include "src/meta/for_each_number.hpp"
#include "src/meta/modes.hpp"
#include "src/models/initial_view.hpp"

namespace theria {
namespace {

/// Over the tasks that count.
double mean(const std::vector<double>& values, const std::vector<std::int32_t>& finite) {
  double sum = 0;
  std::size_t count = 0;
  for (std::size_t n = 0; n < values.size(); ++n)
    if (finite[n]) {
      sum += values[n];
      ++count;
    }
  return sum / static_cast<double>(count);
}

template <class Scalar>
double norm(const std::vector<Scalar>& values) {
  double sum = 0;
  for (const Scalar x : values) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum);
}

template <class View>
void append(std::vector<double>& all, const View& scores, int tasks) {
  const auto values = download(Kokkos::subview(scores, std::pair(0, tasks)));
  all.insert(all.end(), values.begin(), values.end());
}

/// way (n,P) holds θ_K and becomes θ_0 − θ_K; `adapted` keeps θ_K where it is given.
template <class Space, class Scalar>
void turn_back(const Space& space, const ViewOn<Scalar*, Space>& theta, const Array<Scalar, 2>& way,
               const Array<Scalar, 2>& adapted) {
  for_each_number(
      "theria::driver::reptile", space, way.extent[0], way.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
        if (adapted.data != nullptr) adapted(n, p) = way(n, p);
        way(n, p) = theta(p) - way(n, p);
      });
}

}  // namespace

template <class Space, class Scalar>
Trainer<Space, Scalar>::Trainer(const Deck& deck)
    : m_deck(deck),
      m_layout(learned_layout(deck)),
      m_adapted(parameter_layout(deck)),
      m_launch(tasks_per_launch(deck)),
      m_source(make_source<Space, Scalar>(deck, room_for_episodes(plan(deck), deck.backend),
                                          input_type(deck))),
      m_batch(deck, m_launch, input_type(deck)),
      m_engine(make_engine<Space, Scalar>(deck, m_launch)),
      m_sum(static_cast<std::int64_t>(m_layout.size()), deck.meta.tasks, m_launch),
      m_finite(m_launch, m_layout.size()),
      m_optimiser(deck.outer, m_layout.size()),
      m_theta(initial_view<Space, Scalar>("theria::driver::theta", deck, m_layout)),
      m_gradient("theria::driver::meta_gradient", m_layout.size()) {
  if (deck.meta.mode == MetaMode::reptile)
    m_way = ViewOn<Scalar**, Space>("theria::driver::way", m_launch, m_layout.size());
}

template <class Space, class Scalar>
void Trainer<Space, Scalar>::leave_out(Scores& scores, std::size_t n) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  for (auto* column :
       {&scores.support_loss_before, &scores.query_loss_before, &scores.query_loss_after,
        &scores.query_accuracy_before, &scores.query_accuracy_after})
    if (!column->empty()) (*column)[n] = none;
}

template <class Space, class Scalar>
auto Trainer<Space, Scalar>::for_each_launch(
    Split split, std::int64_t first, int count,
    const std::function<std::vector<std::int32_t>(const EpisodeBatch<Space, Scalar>&)>& work)
    -> Scores {
  Scores scores;
  const bool classes = !is_regression(m_deck.task.kind);
  for (int done = 0; done < count; done += m_launch) {
    const auto batch = m_batch.part(0, std::min(m_launch, count - done));
    m_source->fill(m_space, split, first + done, batch);
    const std::vector<std::int32_t> finite = work(batch);
    const auto& on_device = m_engine->scores();
    const int tasks = batch.tasks();
    append(scores.support_loss_before, on_device.support_loss_before, tasks);
    append(scores.query_loss_after, on_device.query_loss_after, tasks);
    if (split == Split::held_out) {  // adapt() alone scores what was before
      append(scores.query_loss_before, on_device.query_loss_before, tasks);
      if (classes) append(scores.query_accuracy_before, on_device.query_accuracy_before, tasks);
    }
    if (classes) append(scores.query_accuracy_after, on_device.query_accuracy_after, tasks);
    for (int n = done; n < done + tasks; ++n) {
      const double loss = scores.query_loss_after[n];
      const bool sound = std::isfinite(loss) && (finite.empty() || finite[n - done]);
      if (m_deck.meta.diverged == Diverged::error && !sound)
        diverged(m_deck, split, first + n, loss);
      scores.finite.push_back(sound ? 1 : 0);
      if (!sound) leave_out(scores, n);
    }
    if (split == Split::training) {
      check_solved(m_deck, first + done, m_engine->certificate(), finite);
      scores.certificate.append(m_engine->certificate());
    }
  }
  return scores;
}

template <class Space, class Scalar>
Array<Scalar, 2> Trainer<Space, Scalar>::task_gradients(int step,
                                                        const EpisodeBatch<Space, Scalar>& batch,
                                                        const Array<Scalar, 2>& adapted) {
  if (m_deck.meta.mode != MetaMode::reptile)
    return m_engine->gradient(m_space, m_theta, batch, swept_steps(m_deck, step), adapted);
  const Array<Scalar, 2> way = Kokkos::subview(m_way, std::pair(0, batch.tasks()), Kokkos::ALL);
  m_engine->adapt(m_space, m_theta, batch, way);
  turn_back<Space, Scalar>(m_space, m_theta, way, adapted);
  return way;
}

template <class Space, class Scalar>
auto Trainer<Space, Scalar>::meta_gradient(int step, Recorder<Scalar>* recorder) -> Scores {
  m_sum.clear();
  const auto add = [&](const EpisodeBatch<Space, Scalar>& batch) {
    ViewOn<Scalar**, Space> adapted;
    if (recorder != nullptr)
      adapted = ViewOn<Scalar**, Space>("theria::driver::adapted", batch.tasks(), m_adapted.size());
    const Array<Scalar, 2> gradients = task_gradients(step, batch, adapted);
    const std::vector<std::int32_t> finite =
        m_finite.keep(m_space, Array<Scalar, 1>(m_engine->scores().query_loss_after), gradients);
    m_sum.add(m_space, gradients);
    m_space.fence("theria::driver::meta_gradient");
    if (recorder != nullptr) recorder->add(batch, adapted);
    return finite;
  };
  const Scores scores = for_each_launch(Split::training, std::int64_t(step) * m_deck.meta.tasks,
                                        m_deck.meta.tasks, add);
  const auto counted = std::count(scores.finite.begin(), scores.finite.end(), 1);
  if (counted == 0) all_diverged(m_deck, step);
  m_sum.mean(m_space, m_gradient, counted);
  return scores;
}

template <class Space, class Scalar>
EvaluationRow Trainer<Space, Scalar>::evaluate(int steps_done) {
  Scores s = for_each_launch(Split::held_out, 0, m_deck.evaluation.tasks,
                             [&](const EpisodeBatch<Space, Scalar>& batch) {
                               m_engine->adapt(m_space, m_theta, batch);
                               m_space.fence("theria::driver::evaluate");
                               return std::vector<std::int32_t>();
                             });
  return {.outer_step = steps_done,
          .query_loss_before = std::move(s.query_loss_before),
          .query_loss_after = std::move(s.query_loss_after),
          .query_accuracy_before = std::move(s.query_accuracy_before),
          .query_accuracy_after = std::move(s.query_accuracy_after)};
}

template <class Space, class Scalar>
RunOutcome Trainer<Space, Scalar>::run(const RunListener& listener) {
  RunOutcome outcome;
  const int steps = m_deck.outer.steps;
  const auto evaluate_at = [&](int done) {
    const int every = m_deck.evaluation.every;
    const bool due = done == 0 || done == steps || (every > 0 && done % every == 0);
    if (m_deck.evaluation.tasks == 0 || !due) return;
    outcome.evaluation.push_back(evaluate(done));
    if (listener.after_evaluation) listener.after_evaluation(outcome.evaluation.back());
  };

  evaluate_at(0);
  for (int step = 0; step < std::max(steps, 1); ++step) {
    const Kokkos::Timer timer;
    const bool last = step + 1 >= steps;
    std::optional<Recorder<Scalar>> recorder;
    // Without an outer step the meta-gradient is the result, so it is kept in any case.
    if ((m_deck.output.record && last) || steps == 0) recorder.emplace(m_deck, m_layout, m_adapted);
    const Scores scores = meta_gradient(step, recorder ? &*recorder : nullptr);
    const std::vector<Scalar> gradient = flat(m_gradient);
    const std::int64_t first = std::int64_t(step) * m_deck.meta.tasks;
    std::vector<std::int64_t> left_out;
    for (std::size_t n = 0; n < scores.finite.size(); ++n)
      if (!scores.finite[n]) left_out.push_back(first + static_cast<std::int64_t>(n));
    for (const std::int64_t task : left_out) outcome.excluded.push_back({step, task});
    if (last && m_deck.meta.mode == MetaMode::implicit) outcome.certificate = scores.certificate;
    check_finite(gradient, "the meta-gradient of outer step " + std::to_string(step + 1), m_deck);
    if (recorder) {
      outcome.record = recorder->finish(flat(m_theta), gradient);
      outcome.record->query_loss = scores.query_loss_after;
      outcome.record->query_accuracy = scores.query_accuracy_after;
      outcome.record->support_loss = scores.support_loss_before;
    }
    if (steps == 0) break;
    m_optimiser.step(m_space, m_theta, m_gradient, norm(gradient));
    m_space.fence("theria::driver::step");
    outcome.training.push_back({.query_loss = mean(scores.query_loss_after, scores.finite),
                                .query_accuracy = mean(scores.query_accuracy_after, scores.finite),
                                .support_loss = mean(scores.support_loss_before, scores.finite),
                                .meta_gradient_norm = norm(gradient),
                                .seconds = timer.seconds(),
                                .excluded = std::move(left_out)});
    if (listener.after_step) listener.after_step(step + 1, steps, outcome.training.back());
    evaluate_at(step + 1);
  }
  const std::vector<Scalar> theta = flat(m_theta);
  check_finite(theta, "a parameter", m_deck);
  outcome.final_parameters = named_parameters(m_layout, theta);
  outcome.memory.device = memory_bytes(m_deck.backend);  // what is left free
  return outcome;
}

#define THERIA_INSTANTIATE(SPACE)       \
  template class Trainer<SPACE, float>; \
  template class Trainer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

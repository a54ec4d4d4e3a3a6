// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "src/check/compare.hpp"
#include "src/driver/run.hpp"
#include "src/driver/runtime.hpp"
#include "src/meta/engine.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/host/made_files.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/vectors.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {

template <class Place>
Deck deck_at(Deck deck) {
  deck.backend = backend_of<typename Place::Space>();
  deck.precision = precision_of<typename Place::Scalar>();
  return deck;
}

/// Training with evaluations and a record.
inline Deck training_deck() {
  Deck deck = embedded_deck();
  deck.outer.steps = 3;
  deck.evaluation.tasks = 7;
  deck.evaluation.every = 2;
  deck.output.record = true;
  return deck;
}

inline Vector flat(const std::vector<NamedTensor>& tensors) {
  Vector all;
  for (const auto& [name, tensor] : tensors) {
    const auto values = values_of(tensor);
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/// Every number of an outcome but the times.
inline Vector numbers(const RunOutcome& outcome) {
  Vector all = flat(outcome.final_parameters);
  const auto append = [&](const Vector& more) { all.insert(all.end(), more.begin(), more.end()); };
  for (const TrainingRow& row : outcome.training)
    append({row.query_loss, row.query_accuracy, row.support_loss, row.meta_gradient_norm});
  for (const EvaluationRow& row : outcome.evaluation) {
    append(row.query_loss_before);
    append(row.query_loss_after);
    append(row.query_accuracy_before);
    append(row.query_accuracy_after);
  }
  if (outcome.record) {
    append(flat(outcome.record->initial));
    append(flat(outcome.record->adapted));
    append(flat(outcome.record->meta_gradient));
    append(outcome.record->query_loss);
    append(outcome.record->support_loss);
  }
  return all;
}

TEST_CASE_TEMPLATE("a run has the same bits again, and for any number of tasks a launch", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  Deck deck = deck_at<Place>(training_deck());
  const Vector once = numbers(run(deck, {}));
  CHECK(same_bits(numbers(run(deck, {})), once));
  for (const int batch : {1, 2, 3, 5}) {
    deck.meta.batch = batch;
    CAPTURE(batch);
    CHECK(same_bits(numbers(run(deck, {})), once));
  }
  deck.meta.batch = 0;
  deck.seed += 1;
  CHECK_FALSE(same_bits(numbers(run(deck, {})), once));
}

TEST_CASE_TEMPLATE("a run reports its steps, its evaluations and its machine", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, double>>(training_deck());
  deck.outer.steps = 5;
  std::vector<int> steps, evaluations;
  const RunListener listener{
      .after_step =
          [&](int step, int all, const TrainingRow& row) {
            CHECK(all == 5);
            CHECK(row.seconds > 0);
            CHECK(row.meta_gradient_norm > 0);
            steps.push_back(step);
          },
      .after_evaluation = [&](const EvaluationRow& row) { evaluations.push_back(row.outer_step); }};
  const RunOutcome outcome = run(deck, listener);
  CHECK(steps == std::vector<int>{1, 2, 3, 4, 5});
  CHECK(evaluations == std::vector<int>{0, 2, 4, 5});
  CHECK(outcome.training.size() == 5);
  CHECK(outcome.evaluation.size() == 4);
  CHECK(outcome.evaluation[1].query_loss_after.size() == 7);
  Deck that_ran = deck;
  that_ran.meta.engine = plan(deck).engine.kind;
  CHECK(outcome.deck == that_ran);
  CHECK_FALSE(outcome.device.empty());
  CHECK(outcome.threads == host_threads());
  CHECK(outcome.final_parameters.size() == 6);
  for (const double share : outcome.evaluation[3].query_accuracy_after) {
    CHECK(share >= 0);
    CHECK(share <= 1);
  }
}

TEST_CASE_TEMPLATE("no outer step: one meta-gradient, and nothing moves", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, double>>(training_deck());
  deck.outer.steps = 0;
  const RunOutcome outcome = run(deck, {});
  CHECK(outcome.training.empty());
  CHECK(outcome.evaluation.size() == 1);
  REQUIRE(outcome.record);
  CHECK(same_bits(flat(outcome.final_parameters), flat(outcome.record->initial)));
  CHECK(norm(flat(outcome.record->meta_gradient)) > 0);
  CHECK(outcome.record->adapted[0].tensor.shape == std::vector<std::size_t>{5, 8, 5});
  CHECK(outcome.record->query_loss.size() == 5);
  CHECK(outcome.record->episodes.x_support.shape == std::vector<std::size_t>{5, 7, 6, 5});
}

TEST_CASE_TEMPLATE(
    "the record is of the last step: SGD by its meta-gradient ends at the final "
    "parameters",
    Space, THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, double>>(training_deck());
  deck.outer.optimizer = OuterOptimizer::sgd;
  deck.outer.rate = 0.1;
  const RunOutcome outcome = run(deck, {});
  const Vector moved = combine(1, flat(outcome.record->initial), -deck.outer.rate,
                               flat(outcome.record->meta_gradient));
  // One rounding; the sum may be fused.
  CHECK(allclose(flat(outcome.final_parameters), moved, 2e-16));
  CHECK(outcome.training.back().meta_gradient_norm ==
        doctest::Approx(norm(flat(outcome.record->meta_gradient))).epsilon(1e-14));
}

TEST_CASE_TEMPLATE("stored parameters are where a run starts", Space, THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, double>>(training_deck());
  const RunOutcome first = run(deck, {});
  const TemporaryFolder folder;
  write_parameters(folder / "parameters.h5", first.final_parameters);
  deck.model.initial = folder / "parameters.h5";
  deck.outer.steps = 0;
  const RunOutcome second = run(resolve_files(deck), {});
  CHECK(same_bits(flat(second.record->initial), flat(first.final_parameters)));
  CHECK(same_bits(second.evaluation[0].query_loss_after, first.evaluation.back().query_loss_after));
}

TEST_CASE_TEMPLATE("training lowers the loss after adaptation on unseen tasks", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, double>>(small_deck());
  deck.meta.tasks = 16;
  deck.outer.steps = 40;
  deck.outer.rate = 0.02;
  deck.task.noise_std = 0.3;
  deck.evaluation.tasks = 32;
  const RunOutcome outcome = run(deck, {});
  const auto mean = [](const Vector& x) { return dot(x, Vector(x.size(), 1.0 / 32)); };
  CHECK(mean(outcome.evaluation.back().query_loss_after) <
        0.9 * mean(outcome.evaluation.front().query_loss_after));
}

TEST_CASE_TEMPLATE("fewer held-out tasks than a launch holds are evaluated alone", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, double>>(small_deck());
  deck.evaluation.tasks = 1;
  const RunOutcome alone = run(deck, {});
  deck.evaluation.tasks = 8;
  const RunOutcome more = run(deck, {});
  CHECK(alone.evaluation[0].query_loss_after.size() == 1);
  CHECK(alone.evaluation[0].query_loss_after[0] == more.evaluation[0].query_loss_after[0]);
}

TEST_CASE_TEMPLATE("a task that diverges ends the run and is named", Space, THERIA_TEST_SPACES) {
  Deck deck = deck_at<On<Space, float>>(small_deck());
  deck.inner.rate = 1e6;
  deck.inner.steps = 50;
  deck.task.noise_std = 1e6;
  CHECK_THROWS_AS(run(deck, {}), RunError);
  try {
    run(deck, {});
  } catch (const RunError& error) {
    const std::string text = error.what();
    CHECK(text.rfind("training task ", 0) == 0);
    CHECK(text.find(" diverged: its query loss is ") != std::string::npos);
    CHECK(text.find(" after 50 inner steps of rate ") != std::string::npos);
  }
}

TEST_CASE("a task whose meta-gradient alone is not finite is named, too") {
  // Rates at which these digits' losses stay finite, and a product of the sweep does not.
  Deck deck = default_deck(TaskKind::digits);
  deck.seed = 1;
  deck.precision = Precision::float32;
  deck.backend = Backend::openmp;
  deck.task.file = source_path("inputs/data/digits.h5");
  deck.inner.rate = 10;
  deck.meta.tasks = 5;
  CHECK_THROWS_WITH_AS(
      run(deck, {}), doctest::Contains("training task 1 diverged: its meta-gradient is not finite"),
      RunError);
}

/// A record's meta-gradient as one vector.
inline Vector flat_of(const std::vector<NamedTensor>& tensors) {
  Vector flat;
  for (const NamedTensor& named : tensors)
    std::visit([&](const auto& values) { flat.insert(flat.end(), values.begin(), values.end()); },
               named.tensor.values);
  return flat;
}

TEST_CASE_TEMPLATE("tasks that diverge are left out of every mean, and told", Space,
                   THERIA_TEST_SPACES) {
  // Quadratic losses with a rate at which the steeper of them blow up.
  Deck deck = deck_at<On<Space, double>>(regression_deck(TaskKind::quadratic, ModelKind::linear));
  deck.meta.diverged = Diverged::exclude;
  deck.meta.mode = MetaMode::first_order;
  deck.meta.tasks = 12;
  deck.meta.batch = 5;
  deck.inner.rate = 0.5;
  deck.inner.steps = 1000;
  deck.evaluation.tasks = 12;
  const RunOutcome outcome = run(deck, {});
  const std::size_t left_out = outcome.excluded.size();
  REQUIRE(left_out > 0);
  REQUIRE(left_out < 12);

  // The same tasks one by one, by the engine itself.
  const auto episodes = drawn_episodes<Space, double>(deck, 12);
  const auto theta = parameters_on<Space, double>(initial_parameters(deck, parameter_layout(deck)));
  const auto engine = make_engine<Space, double>(deck, 12);
  const Vector each = host_values<Space>(engine->gradient(Space{}, theta, episodes, 0));
  Vector mean(3);
  std::vector<std::int64_t> diverged;
  for (std::int64_t n = 0; n < 12; ++n) {
    const Vector one(each.begin() + 3 * n, each.begin() + 3 * n + 3);
    if (largest_finite(one) > 0 && std::isfinite(norm(one)))
      mean = combine(1, mean, 1.0 / static_cast<double>(12 - left_out), one);
    else
      diverged.push_back(n);
  }
  REQUIRE(diverged.size() == left_out);
  for (std::size_t i = 0; i < left_out; ++i) {
    CHECK(outcome.excluded[i].task == diverged[i]);
    CHECK(outcome.excluded[i].outer_step == 0);
    CHECK(std::isnan(outcome.record->query_loss[static_cast<std::size_t>(diverged[i])]));
  }
  // A sum of 12 in another order.
  CHECK(allclose(flat_of(outcome.record->meta_gradient), mean, 1e-14));

  CHECK(outcome.evaluation[0].left_out().size() > 0);
  CHECK(outcome.evaluation[0].left_out().size() < 12);
  CHECK(outcome.memory.planned_device == plan(deck).device_bytes());
  CHECK(outcome.memory.host_peak > 1000000);

  // Batches of another size, the same bits; training goes on, its rows tell the tasks of all that were drawn.
  deck.meta.batch = 0;
  CHECK(same_bits(flat_of(run(deck, {}).record->meta_gradient),
                  flat_of(outcome.record->meta_gradient)));
  deck.outer.steps = 2;
  const RunOutcome trained = run(deck, {});
  CHECK(trained.training[0].excluded == diverged);
  for (const std::int64_t task : trained.training[1].excluded) CHECK(task >= 12);
  CHECK(std::isfinite(trained.training[1].query_loss));

  deck.inner.rate = 50;
  CHECK_THROWS_WITH_AS(run(deck, {}), doctest::Contains("all 12 tasks of outer step 1 diverged"),
                       RunError);
}

#ifdef KOKKOS_ENABLE_CUDA
TEST_CASE("CUDA's meta-gradient is OpenMP's, within rounding") {
  for (Deck deck : {small_deck(), embedded_deck()}) {
    deck.output.record = true;
    deck.inner.steps = 5;
    const RunOutcome host = run(deck, {});
    deck.backend = Backend::cuda;
    const RunOutcome device = run(deck, {});
    // Sums of the same terms, fused and ordered differently, through five steps.
    CHECK(allclose(flat(device.record->meta_gradient), flat(host.record->meta_gradient), 1e-12));
    CHECK(device.record->episodes.x_support.values == host.record->episodes.x_support.values);
  }
}
#endif

TEST_CASE_TEMPLATE("reptile's meta-gradient is the mean way back from the adapted parameters",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  Deck deck = deck_at<Place>(small_deck());
  deck.meta.mode = MetaMode::reptile;
  deck.meta.batch = 2;
  const RunOutcome outcome = run(deck, {});
  const MetaGradientRecord& record = *outcome.record;
  for (std::size_t i = 0; i < record.initial.size(); ++i) {
    INFO(record.initial[i].name);
    const Vector initial = values_of(record.initial[i].tensor);
    const Vector adapted = values_of(record.adapted[i].tensor);
    Vector mean(initial.size());
    for (std::size_t n = 0; n < adapted.size(); ++n)
      mean[n % initial.size()] += (initial[n % initial.size()] - adapted[n]) / deck.meta.tasks;
    // A few roundings of parameters of size 1.
    const double bar = sizeof(typename Place::Scalar) == 8 ? 1e-15 : 1e-6;
    CHECK(allclose(values_of(record.meta_gradient[i].tensor), mean, bar, 1));
  }
}

TEST_CASE_TEMPLATE("hybrid is full and first order by turns", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  Deck deck = deck_at<Place>(small_deck());
  deck.output.record = true;
  const auto recorded = [&](MetaMode mode, int steps) {
    deck.meta.mode = mode;
    deck.meta.every = 2;
    deck.outer.steps = steps;
    return values_of(run(deck, {}).record->meta_gradient.front().tensor);
  };
  // The first step of both is full, from the same parameters.
  CHECK(same_bits(recorded(MetaMode::hybrid, 1), recorded(MetaMode::full, 1)));
  CHECK_FALSE(same_bits(recorded(MetaMode::hybrid, 2), recorded(MetaMode::full, 2)));
  deck.outer.rate = 0;  // the same parameters again
  CHECK(same_bits(recorded(MetaMode::hybrid, 2), recorded(MetaMode::first_order, 2)));
  CHECK(same_bits(recorded(MetaMode::hybrid, 3), recorded(MetaMode::full, 3)));
}

TEST_CASE_TEMPLATE("every kernel and every allocation of a run carries theria's name", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const auto& [optimizer, engine] : {std::pair{OuterOptimizer::sgd, EngineKind::episode},
                                          {OuterOptimizer::sgd, EngineKind::general},
                                          {OuterOptimizer::adam, EngineKind::general}}) {
    Deck deck = deck_at<Place>(training_deck());
    deck.outer.optimizer = optimizer;
    deck.meta.engine = engine;
    const Watch watch;
    run(deck, {});
    for (const std::string& label : watch.kernels()) {
      INFO("kernel ", label);
      CHECK(is_known_kernel(label));
    }
    for (const auto& a : watch.memory()) {
      INFO("allocation ", a.label, " in ", a.space);
      // What is brought to the host from a GPU has no name there.
      const bool brought =
          !std::is_same_v<typename Place::Space, OpenMP> && a.label.empty() && a.space == "Host";
      CHECK((brought || is_known_allocation(a)));
    }
    if (engine == EngineKind::general) CHECK(watch.kernels().size() > 500);
    CHECK(watch.memory().size() > 20);
  }
}

}  // namespace theria::test

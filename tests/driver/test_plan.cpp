// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/core/error.hpp"
#include "src/deck/episode_limits.hpp"
#include "src/driver/run.hpp"
#include "src/meta/modes.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {

/// Decks of different proportions: in each another part is the largest or the smallest.
inline std::vector<Deck> planned_decks() {
  Deck many = small_deck();
  many.meta.tasks = 64;
  many.task.support = many.task.query = 16;
  Deck batched = embedded_deck();
  batched.meta.tasks = 40;
  batched.meta.batch = 32;
  batched.task.support = 20;
  batched.precision = Precision::float32;
  Deck deep = small_deck();
  deep.meta.tasks = 48;
  deep.inner.steps = 30;
  Deck first_order = deep;
  first_order.meta.mode = MetaMode::first_order;
  Deck digits = default_deck(TaskKind::digits);
  digits.task.file = source_path("inputs/data/digits.h5");
  digits.model.width = 16;
  digits.meta.tasks = 32;
  digits.inner.steps = 1;
  Deck adam = deep;
  adam.inner.steps = 4;
  adam.inner.optimizer = InnerOptimizer::adam;
  adam.meta.mode = MetaMode::truncated;
  adam.meta.last = 2;
  // One task at a time of many: the outer loop's vectors weigh as much as the rest.
  Deck one_by_one = embedded_deck();
  one_by_one.meta.tasks = 1024;
  one_by_one.meta.batch = 1;
  one_by_one.model.width = 32;
  Deck recorded = one_by_one;
  recorded.meta.tasks = 5;
  recorded.meta.batch = 4;
  recorded.output.record = true;
  recorded.outer.optimizer = OuterOptimizer::sgd;
  Deck reptile = many;
  reptile.meta.mode = MetaMode::reptile;
  Deck implicit = many;
  implicit.meta.mode = MetaMode::implicit;
  implicit.meta.unconverged = Unconverged::keep;
  implicit.meta.tolerance = 0.1;
  implicit.meta.iterations = 3;
  implicit.inner.proximal = 1;
  Deck learned_rates = many;
  learned_rates.inner.rates = InnerRates::learned;
  learned_rates.meta.mode = MetaMode::truncated;
  learned_rates.meta.last = 1;
  Deck checkpoints = adam;
  checkpoints.meta.mode = MetaMode::full;
  checkpoints.inner.steps = 10;
  checkpoints.meta.store = Store::sqrt;
  std::vector<Deck> decks = {checkpoints, many,     batched, deep,     first_order,  adam, digits,
                             one_by_one,  recorded, reptile, implicit, learned_rates};
  for (const auto& [name, deck] : every_model()) {
    decks.push_back(deck);
    decks.back().meta.tasks = 60;
  }
  return decks;
}

/// Bytes at once on the device, of labels that begin with one of `prefixes`.
inline double peak_of(const Watch& watch, const std::string& space,
                      const std::vector<std::string>& prefixes) {
  return static_cast<double>(watch.peak([&](const Watch::Allocation& a) {
    if (a.space != space) return false;
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const std::string& p) { return a.label.rfind(p, 0) == 0; });
  }));
}

/// Within 5 % of what was allocated: first order needs a smaller workspace than the plan has.
inline bool agrees(std::size_t planned, double allocated) {
  return std::abs(static_cast<double>(planned) - allocated) <= 0.05 * allocated;
}

/// All of what was allocated but Kokkos' rounding of each View to 8 bytes.
inline bool is_whole(std::size_t planned, double allocated) {
  const double rounding = allocated - static_cast<double>(planned);
  return 0 <= rounding && rounding < 100;
}

TEST_CASE_TEMPLATE("the plan's bytes are those that a run of the general engine allocates", Space,
                   THERIA_TEST_SPACES) {
  for (Deck deck : planned_decks()) {
    deck.backend = backend_of<Space>();
    deck.meta.engine = EngineKind::general;
    deck.outer.steps = 1;
    CAPTURE(effective_deck(deck));
    const RunPlan planned = plan(deck);
    const Watch watch;
    run(deck, {});
    const std::string space = Space::memory_space::name();
    const double episodes = peak_of(watch, space, {"theria::episodes", "theria::tasks"});
    const double sweep = peak_of(watch, space, {"theria::meta::trajectory", "theria::meta::inner"});
    const double work =
        peak_of(watch, space,
                {"theria::models", "theria::workspace", "theria::meta::step",
                 "theria::meta::lambda", "theria::meta::direction", "theria::meta::support_loss",
                 "theria::meta::query", "theria::meta::pull", "theria::meta::cg"});
    const double outer = peak_of(watch, space,
                                 {"theria::driver", "theria::meta::pairwise_sum",
                                  "theria::meta::adam", "theria::meta::finite"});
    const double all = peak_of(watch, space, {"theria::"});
    CAPTURE(episodes);
    CAPTURE(sweep);
    CAPTURE(work);
    CAPTURE(outer);
    CAPTURE(all);
    CHECK(planned.tasks_per_launch == (deck.meta.batch == 0 ? deck.meta.tasks : deck.meta.batch));
    CHECK(planned.parameters == parameter_layout(deck).size());
    CHECK(is_whole(planned.episode_bytes, episodes));
    CHECK(is_whole(planned.sweep_bytes, sweep));
    CHECK(is_whole(planned.outer_bytes, outer));
    // On a GPU the workspace is mostly the Hessian-vector product's; a run without one needs less than the plan has.
    const bool products = most_swept_steps(deck) > 0 || deck.meta.mode == MetaMode::implicit;
    if (products || std::is_same_v<Space, OpenMP>) {
      CHECK(agrees(planned.workspace_bytes, work));
      CHECK(agrees(planned.device_bytes(), all));
    } else {
      CHECK(static_cast<double>(planned.workspace_bytes) > 0.99 * work);
    }
  }
}

TEST_CASE("the plan's bytes are those that a run of the episode engine allocates") {
  for (Deck deck : planned_decks()) {
    if (!episode_refusal(deck).empty()) continue;
    deck.meta.engine = EngineKind::episode;
    deck.outer.steps = 1;
    CAPTURE(effective_deck(deck));
    const RunPlan planned = plan(deck);
    const Watch watch;
    run(deck, {});
    const double engine = peak_of(watch, "Host",
                                  {"theria::workspace", "theria::meta::meta_gradients",
                                   "theria::meta::support_loss", "theria::meta::query"});
    CAPTURE(engine);
    CHECK(planned.engine.kind == EngineKind::episode);
    CHECK(is_whole(planned.sweep_bytes + planned.workspace_bytes, engine));
    CHECK(agrees(planned.device_bytes(), peak_of(watch, "Host", {"theria::"})));
  }
}

TEST_CASE("the plan follows precision, batch and mode") {
  Deck deck = small_deck();
  deck.meta.engine = EngineKind::general;
  const Deck start = deck;
  const RunPlan exact = plan(deck);
  deck.precision = Precision::float32;
  CHECK(2 * plan(deck).workspace_bytes == exact.workspace_bytes);
  CHECK(2 * plan(deck).sweep_bytes == exact.sweep_bytes);
  deck = start;
  deck.meta.batch = 1;
  CHECK(5 * plan(deck).workspace_bytes == exact.workspace_bytes);
  CHECK(5 * plan(deck).episode_bytes == exact.episode_bytes);
  deck.meta.batch = 100;  // no more than there are
  CHECK(plan(deck).tasks_per_launch == 5);
  deck = start;
  deck.meta.mode = MetaMode::first_order;
  CHECK(3 * plan(deck).sweep_bytes == exact.sweep_bytes);  // 3 inner steps
  deck.inner.steps = 0;
  deck.meta.mode = MetaMode::full;
  CHECK(plan(deck).sweep_bytes == exact.sweep_bytes / 3);
}

TEST_CASE("the plan says which engine, and why") {
  const auto engine = [](Deck deck) { return plan(deck).engine; };
  Deck deck = small_deck();
  deck.task.support = 3;  // a step keeps 198 numbers, of 219 parameters
  CHECK(engine(deck).kind == EngineKind::episode);
  deck = small_deck();
  deck.task.tokens = 1025;
  CHECK(engine(deck).kind == EngineKind::general);
  CHECK(engine(deck).reason ==
        "the episode engine is not for task.tokens 1025: it takes up to 1024");
  deck.task.tokens = 40;  // 7 sequences keep 2 · 7 · 40 numbers of p and e, of 219 parameters
  CHECK(engine(deck).kind == EngineKind::general);
  CHECK(engine(deck).reason ==
        "the episode engine would keep 842 numbers of a step, of 219 parameters");
  deck.meta.engine = EngineKind::episode;  // the deck may insist
  CHECK(engine(deck).kind == EngineKind::episode);
  deck.precision = Precision::float16;
  CHECK_THROWS_WITH_AS(
      plan(deck),
      "\"meta.engine\" is episode, which is not for precision float16: it has "
      "float64, float32, and inputs in tfloat32 or bfloat16; auto or general would "
      "do",
      UserError);
}

TEST_CASE("inputs in bfloat16 take half of the memory of a launch, and an eighth before rounding") {
  Deck deck = small_deck();
  deck.task.tokens = 5;
  deck.meta.engine = EngineKind::episode;
  deck.precision = Precision::float32;
  deck.meta.tasks = 16;
  const std::size_t numbers =
      std::size_t(deck.task.support + deck.task.query) * deck.task.tokens * deck.task.features;
  const std::size_t wide = plan(deck).episode_bytes;
  deck.precision = Precision::tfloat32;
  CHECK(plan(deck).episode_bytes == wide);
  deck.precision = Precision::bfloat16;
  CHECK(plan(deck).episode_bytes == wide - 16 * numbers * 4 + 16 * numbers * 2 + 2 * numbers * 4);
  deck.meta.engine = EngineKind::general;  // there bfloat16 is that of attention
  CHECK(plan(deck).episode_bytes == wide);
}

TEST_CASE("what the episode engine keeps is no more than the parameters of a launch's tasks") {
  Deck deck = small_deck();
  deck.precision = Precision::float32;
  deck.model.width = deck.task.features = 64;
  deck.task.tokens = 256;  // a step's factors are just above its parameters
  deck.task.support = deck.task.query = 16;
  deck.inner.steps = 10;
  deck.meta.tasks = 16;
  const RunPlan kept = plan(deck);
  CHECK(kept.engine.kind == EngineKind::episode);
  CHECK(kept.sweep_bytes <= 10 * 16 * kept.parameters * sizeof(float));
}

}  // namespace theria::test

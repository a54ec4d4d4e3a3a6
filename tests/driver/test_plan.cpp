// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/driver/run.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {

/// Decks of different proportions, large enough for the small change (scores, the outer
/// optimiser's vectors) to be small.
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
  return {many, batched, deep, first_order, digits};
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

/// Within 5 % of what was allocated: the plan leaves out scores and other small change.
inline bool agrees(std::size_t planned, double allocated) {
  return std::abs(static_cast<double>(planned) - allocated) <= 0.05 * allocated;
}

TEST_CASE_TEMPLATE("the plan's bytes are those that a run allocates", Space, THERIA_TEST_SPACES) {
  for (Deck deck : planned_decks()) {
    deck.backend = backend_of<Space>();
    deck.outer.steps = 1;
    CAPTURE(effective_deck(deck));
    const RunPlan planned = plan(deck);
    const Watch watch;
    run(deck, {});
    const std::string space = Space::memory_space::name();
    const double episodes = peak_of(watch, space, {"theria::episodes"});
    const double sweep = peak_of(watch, space, {"theria::meta::trajectory"});
    const double work = peak_of(watch, space,
                                {"theria::tiny_attention", "theria::workspace",
                                 "theria::meta::step", "theria::meta::lambda"});
    const double all = peak_of(watch, space, {"theria::"});
    CAPTURE(episodes);
    CAPTURE(sweep);
    CAPTURE(work);
    CAPTURE(all);
    CHECK(planned.tasks_per_launch == (deck.meta.batch == 0 ? deck.meta.tasks : deck.meta.batch));
    CHECK(planned.parameters == parameter_layout(deck).size());
    CHECK(agrees(planned.episode_bytes, episodes));
    CHECK(agrees(planned.sweep_bytes, sweep));
    CHECK(agrees(planned.workspace_bytes, work));
    CHECK(agrees(planned.episode_bytes + planned.sweep_bytes + planned.workspace_bytes, all));
  }
}

TEST_CASE("the plan follows precision, batch and mode") {
  Deck deck = small_deck();
  const RunPlan exact = plan(deck);
  deck.precision = Precision::float32;
  CHECK(2 * plan(deck).workspace_bytes == exact.workspace_bytes);
  CHECK(2 * plan(deck).sweep_bytes == exact.sweep_bytes);
  deck = small_deck();
  deck.meta.batch = 1;
  CHECK(5 * plan(deck).workspace_bytes == exact.workspace_bytes);
  CHECK(5 * plan(deck).episode_bytes == exact.episode_bytes);
  deck.meta.batch = 100;  // no more than there are
  CHECK(plan(deck).tasks_per_launch == 5);
  deck = small_deck();
  deck.meta.mode = MetaMode::first_order;
  CHECK(3 * plan(deck).sweep_bytes == exact.sweep_bytes);  // 3 inner steps
  deck.inner.steps = 0;
  deck.meta.mode = MetaMode::full;
  CHECK(plan(deck).sweep_bytes == exact.sweep_bytes / 3);
}

}  // namespace theria::test

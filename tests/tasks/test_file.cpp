// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/driver/run.hpp"
#include "src/io/episodes.hpp"
#include "src/io/result.hpp"
#include "src/tasks/file.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/host/made_files.hpp"
#include "tests/support/spaces.hpp"
#include "tests/tasks/counted_episodes.hpp"

namespace theria::test {

inline Deck file_deck(const std::string& path, TaskKind kind = TaskKind::file) {
  Deck deck = default_deck(kind);
  deck.backend = Backend::openmp;
  deck.task.file = path;
  deck.model.width = 4;
  deck.meta.tasks = 3;
  deck.evaluation.tasks = 2;
  return deck;
}

/// The first support number of every task of a batch: 100 × its number in the file.
template <class Space, class Scalar>
std::vector<int> tasks_of(const EpisodeBatch<Space, Scalar>& batch) {
  std::vector<int> tasks;
  const auto x = host_values(batch.support.x);
  for (std::size_t n = 0; n < x.size(); n += 16) tasks.push_back(static_cast<int>(x[n]) / 100);
  return tasks;
}

TEST_CASE_TEMPLATE("file: training goes round the first episodes, the last are held out", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  const TemporaryFolder folder;
  const Episodes made = counted_episodes(7);
  write_episodes(folder / "episodes.h5", made);
  const Deck deck = resolve_files(file_deck(folder / "episodes.h5"));
  CHECK(deck.task.support == 2);
  CHECK(deck.task.query == 3);
  CHECK(deck.task.tokens == 4);
  CHECK(deck.task.features == 2);
  CHECK(deck.task.classes == 3);
  using Tasks = std::vector<int>;
  CHECK(tasks_of(drawn_episodes<Space, Scalar>(deck, 3)) == Tasks{0, 1, 2});
  CHECK(tasks_of(drawn_episodes<Space, Scalar>(deck, 3, 3)) == Tasks{3, 4, 0});
  CHECK(tasks_of(drawn_episodes<Space, Scalar>(deck, 2, 12)) == Tasks{2, 3});
  CHECK(tasks_of(drawn_episodes<Space, Scalar>(deck, 2, 0, Split::held_out)) == Tasks{5, 6});
  const auto all = drawn_episodes<Space, Scalar>(deck, 5);
  const auto x = host_values(all.query.x);
  const auto wanted = std::get<std::vector<double>>(made.x_query.values);
  for (std::size_t n = 0; n < x.size(); ++n) REQUIRE(static_cast<double>(x[n]) == wanted[n]);
  const auto y = host_values(all.query.y);
  CHECK(std::equal(y.begin(), y.end(), made.y_query.begin()));

  Deck planned = deck;
  planned.precision = precision_of<Scalar>();
  const std::size_t used = 7 * (40 * sizeof(Scalar) + 5 * 4), as_read = 7 * (40 * 8 + 5 * 4);
  CHECK(plan(planned).file_bytes == as_read + used);
  CHECK(plan(planned).resident_bytes == 0);
  planned.backend = Backend::cuda;
  const RunPlan on_gpu = plan(planned);
  CHECK(on_gpu.resident_bytes == used);
  CHECK(on_gpu.kept_bytes(used) == used);
  CHECK(on_gpu.kept_bytes(used - 1) == used / 7 * 3);  // of the next launch
  CHECK(on_gpu.kept_bytes(used / 7 * 3 - 1) == 0);
}

TEST_CASE_TEMPLATE("file: targets are read as they are", Place, THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  const TemporaryFolder folder;
  Episodes made = counted_episodes(6);
  made.target_support = {{6, 2}, std::vector<double>(12)};
  made.target_query = {{6, 3, 1}, std::vector<double>(18)};
  for (std::size_t i = 0; i < 18; ++i) {
    if (i < 12) std::get<std::vector<double>>(made.target_support.values)[i] = 0.5 * double(i);
    std::get<std::vector<double>>(made.target_query.values)[i] = -0.25 * double(i);
  }
  write_episodes(folder / "episodes.h5", made);
  const Deck deck = resolve_files(file_deck(folder / "episodes.h5", TaskKind::regression_file));
  CHECK(deck.task.support == 2);
  CHECK(deck.task.query == 3);
  const auto batch =
      drawn_episodes<Space, Scalar>(deck, 3, 3);  // tasks 3, 0 and 1: 4, 5 are held out
  CHECK(tasks_of(batch) == std::vector<int>{3, 0, 1});
  CHECK(host_values(batch.support.target) == std::vector<Scalar>{3, 3.5, 0, 0.5, 1, 1.5});
  CHECK(host_values(batch.query.target) ==
        std::vector<Scalar>{-2.25, -2.5, -2.75, 0, -0.25, -0.5, -0.75, -1, -1.25});
}

TEST_CASE_TEMPLATE(
    "file: episodes are the same whether the device keeps all, the next launch, or none", Space,
    THERIA_TEST_SPACES) {
  const TemporaryFolder folder;
  write_episodes(folder / "episodes.h5", counted_episodes(7));
  const Deck deck = resolve_files(file_deck(folder / "episodes.h5"));
  const std::size_t a_task = 40 * sizeof(float) + 5 * sizeof(std::int32_t);
  for (const std::size_t room : {7 * a_task, 3 * a_task, 3 * a_task - 1}) {
    CAPTURE(room);
    FileSource<Space, float> source(deck, room, InputType::full);
    const EpisodeBatch<Space, float> batch(deck, 3);
    struct Asked {
      Split split;
      int first, count;
      std::vector<int> tasks;
    };
    // As a run asks: launches of two steps with an evaluation between them, a short last launch, an answer that was
    // not expected.
    for (const Asked& asked : {Asked{Split::training, 0, 3, {0, 1, 2}},
                               {Split::training, 3, 2, {3, 4}},
                               {Split::held_out, 0, 2, {5, 6}},
                               {Split::training, 5, 3, {0, 1, 2}},
                               {Split::training, 8, 2, {3, 4}},
                               {Split::training, 10, 2, {0, 1}},
                               {Split::training, 1, 3, {1, 2, 3}},
                               {Split::training, 4, 3, {4, 0, 1}}}) {
      const auto part = batch.part(0, asked.count);
      source.fill(Space(), asked.split, asked.first, part);
      CHECK(tasks_of(part) == asked.tasks);
      const auto y = host_values(part.query.y);
      for (std::size_t n = 0; n < asked.tasks.size(); ++n)
        for (std::size_t s = 0; s < 3; ++s)
          CHECK(y[3 * n + s] == static_cast<int>(asked.tasks[n] * s) % 3);
    }
  }
}

/// The record of a run that computed one meta-gradient.
inline RunOutcome recorded(const Deck& deck) { return run(deck, {}); }

/// Runs a deck, and once more what it recorded, and compares.
template <class Place>
void check_read_back(Deck deck, TaskKind kind) {
  const TemporaryFolder folder;
  deck.backend = backend_of<typename Place::Space>();
  deck.precision = precision_of<typename Place::Scalar>();
  deck.output.record = true;
  const RunOutcome first = recorded(deck);
  write_result({.outcome = first,
                .deck_raw = "",
                .deck_effective = "",
                .deck_path = "",
                .overrides = "",
                .command_line = "",
                .time_start = "",
                .time_end = "",
                .wall_seconds = 0},
               folder / "recorded.h5", false);

  Deck again = file_deck(folder / "recorded.h5", kind);
  again.seed = deck.seed;  // the initial parameters' too
  again.precision = deck.precision;
  again.backend = deck.backend;
  again.model = deck.model;
  again.inner = deck.inner;
  again.meta = deck.meta;
  again.evaluation.tasks = 0;
  again.task.classes = deck.task.classes;
  again.output.record = true;
  const RunOutcome second = recorded(resolve_files(again));
  const Episodes &there = first.record->episodes, &here = second.record->episodes;
  CHECK(here.x_support.values == there.x_support.values);
  CHECK(here.x_query.values == there.x_query.values);
  CHECK(here.y_support == there.y_support);
  CHECK(here.y_query == there.y_query);
  CHECK(here.target_support.values == there.target_support.values);
  CHECK(here.target_query.values == there.target_query.values);
  for (std::size_t n = 0; n < first.record->meta_gradient.size(); ++n) {
    const auto &a = first.record->meta_gradient[n], &b = second.record->meta_gradient[n];
    INFO(a.name);
    CHECK(b.name == a.name);
    CHECK(b.tensor.values == a.tensor.values);
  }
}

TEST_CASE_TEMPLATE("file: a recorded run read back gives its episodes and its meta-gradient", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  check_read_back<Place>(small_deck(), TaskKind::file);
  check_read_back<Place>(regression_deck(TaskKind::linear_regression, ModelKind::transformer),
                         TaskKind::regression_file);
}

}  // namespace theria::test

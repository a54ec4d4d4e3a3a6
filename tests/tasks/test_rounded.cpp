// SPDX-License-Identifier: Apache-2.0
// Inputs that are rounded once their source has made them.
#include <doctest/doctest.h>

#include <cmath>

#include "src/driver/run.hpp"
#include "src/tasks/file.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/host/made_files.hpp"
#include "tests/support/spaces.hpp"
#include "tests/tasks/counted_episodes.hpp"

namespace theria::test {

/// Each given number has `bits` significant bits, and none that has is nearer to the wanted one.
inline void check_nearest(const std::vector<double>& given, const std::vector<double>& wanted,
                          int bits) {
  REQUIRE(given.size() == wanted.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    int exponent = 0;
    std::frexp(wanted[i], &exponent);
    const double unit = std::ldexp(1.0, exponent - bits);
    REQUIRE(std::fmod(given[i], unit) == 0);
    REQUIRE(std::abs(given[i] - wanted[i]) <= unit / 2);
  }
}

TEST_CASE_TEMPLATE("rounded episodes are the source's to the nearest tfloat32 or bfloat16", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = default_deck(TaskKind::sequence_classification);
  deck.task.tokens = 7;
  deck.task.features = 5;
  const int tasks = 19;  // parts of 2, and a last one of 1
  for (const Split split : {Split::training, Split::held_out}) {
    const auto full = drawn_episodes<Space, float>(deck, tasks, 3, split);
    for (const auto& [type, bits] :
         {std::pair{InputType::tfloat32, 11}, {InputType::bfloat16, 8}}) {
      const auto rounded = drawn_episodes<Space, float>(deck, tasks, 3, split, type);
      CHECK(rounded.tasks() == tasks);
      check_nearest(inputs_of(rounded.support), inputs_of(full.support), bits);
      check_nearest(inputs_of(rounded.query), inputs_of(full.query), bits);
      CHECK(host_values(rounded.support.y) == host_values(full.support.y));
      CHECK(host_values(rounded.query.y) == host_values(full.query.y));
    }
  }
}

TEST_CASE("rounded episodes: bfloat16 takes half of the bytes") {
  const Deck deck = default_deck(TaskKind::sequence_classification);
  const EpisodeBatch<OpenMP, float> full(deck, 4), narrow(deck, 4, InputType::bfloat16);
  const std::size_t labels = full.support.y.size() + full.query.y.size();
  CHECK(2 * (narrow.bytes() - 4 * labels) == full.bytes() - 4 * labels);
  CHECK(narrow.part(1, 3).tasks() == 2);
}

TEST_CASE_TEMPLATE(
    "rounded episodes: a file's are rounded as they are read, wherever they are kept", Space,
    THERIA_TEST_SPACES) {
  const TemporaryFolder folder;
  Episodes made = counted_episodes(7);
  for (double& x : std::get<std::vector<double>>(made.x_support.values)) x = 1 + x / 1000;
  write_episodes(folder / "episodes.h5", made);
  Deck deck = default_deck(TaskKind::file);
  deck.task.file = folder / "episodes.h5";
  deck.model.width = 4;
  deck.meta.tasks = 3;
  deck.meta.batch = 4096;  // a launch has no more tasks than there are
  deck.evaluation.tasks = 2;
  deck = resolve_files(deck);
  const auto full = drawn_episodes<Space, float>(deck, 3, 3);
  for (const auto& [type, bits] : {std::pair{InputType::tfloat32, 11}, {InputType::bfloat16, 8}})
    for (const std::size_t room : {std::size_t(1) << 20, std::size_t(700), std::size_t(0)}) {
      FileSource<Space, float> source(deck, room, type);
      const EpisodeBatch<Space, float> batch(deck, 3, type);
      for (const int first : {0, 3}) source.fill(Space(), Split::training, first, batch);
      check_nearest(inputs_of(batch.support), inputs_of(full.support), bits);
      check_nearest(inputs_of(batch.query), inputs_of(full.query), bits);
      CHECK(host_values(batch.query.y) == host_values(full.query.y));
    }
}

}  // namespace theria::test

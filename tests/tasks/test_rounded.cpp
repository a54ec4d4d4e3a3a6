// SPDX-License-Identifier: Apache-2.0
// Inputs that are rounded once their source has made them.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/spaces.hpp"

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

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "src/io/digits.hpp"
#include "src/tasks/digit_episodes.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/host/made_files.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

inline std::string digits_file() { return source_path("inputs/data/digits.h5"); }

inline Deck digits_deck(int classes, int support, int query) {
  Deck deck = default_deck(TaskKind::digits);
  deck.task.classes = classes;
  deck.task.support = support;
  deck.task.query = query;
  deck.task.file = digits_file();
  deck.seed = 4;
  return deck;
}

TEST_CASE("digits: an episode is balanced, of different images, each set's labels 0 to N-1") {
  const Digits data = read_digits(digits_file());
  for (const auto& [classes, support, query] : {std::tuple{4, 20, 20}, {3, 3, 15}, {2, 40, 2}}) {
    const DigitEpisodes source(digits_deck(classes, support, query));
    for (const Split split : {Split::training, Split::held_out})
      for (std::uint64_t task = 0; task < 30; ++task) {
        const DigitEpisode episode = source.draw(split, task);
        std::set<std::size_t> images;
        std::map<std::int32_t, std::uint8_t> digit_of;
        const auto check_set = [&](const std::vector<LabelledImage>& set, int size) {
          REQUIRE(set.size() == static_cast<std::size_t>(size));
          std::map<std::int32_t, int> count;
          for (const auto& [image, label] : set) {
            REQUIRE(images.insert(image).second);
            REQUIRE(digit_of.try_emplace(label, data.labels[image]).first->second ==
                    data.labels[image]);
            ++count[label];
          }
          REQUIRE(count.size() == static_cast<std::size_t>(classes));
          for (const auto& [label, n] : count) {
            REQUIRE(label >= 0);
            REQUIRE(label < classes);
            REQUIRE(n == size / classes);
          }
        };
        check_set(episode.support, support);
        check_set(episode.query, query);
        std::set<std::uint8_t> digits;
        for (const auto& [label, digit] : digit_of) {
          digits.insert(digit);
          REQUIRE((split == Split::training ? digit <= 5 : digit >= 6));
        }
        REQUIRE(digits.size() == static_cast<std::size_t>(classes));
      }
  }
}

TEST_CASE("digits: over many episodes every digit of the split and many images come up") {
  const DigitEpisodes source(digits_deck(2, 2, 2));
  const Digits data = read_digits(digits_file());
  std::set<int> digits;
  std::set<std::size_t> images;
  for (std::uint64_t task = 0; task < 300; ++task)
    for (const auto& [image, label] : source.draw(Split::training, task).support) {
      digits.insert(data.labels[image]);
      images.insert(image);
    }
  CHECK(digits == std::set<int>{0, 1, 2, 3, 4, 5});
  CHECK(images.size() > 400);  // of 600 draws among 1083 images
}

TEST_CASE("digits: a task is a function of seed, split and number") {
  const auto images = [](const DigitEpisode& episode) {
    std::vector<std::size_t> all;
    for (const auto& set : {episode.support, episode.query})
      for (const auto& [image, label] : set) all.push_back(image);
    return all;
  };
  Deck deck = digits_deck(4, 20, 20);
  const auto first = images(DigitEpisodes(deck).draw(Split::training, 3));
  CHECK(images(DigitEpisodes(deck).draw(Split::training, 3)) == first);
  CHECK(images(DigitEpisodes(deck).draw(Split::training, 4)) != first);
  deck.seed += 1;
  CHECK(images(DigitEpisodes(deck).draw(Split::training, 3)) != first);
}

TEST_CASE("digits: a file with too few images of a digit is refused") {
  const TemporaryFolder folder;
  write_digits(folder / "few.h5", 9);
  Deck deck = digits_deck(4, 20, 20);
  deck.task.file = folder / "few.h5";
  CHECK_THROWS_WITH_AS(
      DigitEpisodes{deck},
      ((folder / "few.h5") + ": 9 images of digit 0, but an episode takes 10 different ones "
                             "((task.support + task.query) / task.classes)")
          .c_str(),
      UserError);
  deck.task.query = 16;
  CHECK(DigitEpisodes(deck).draw(Split::held_out, 0).query.size() == 16);
}

TEST_CASE_TEMPLATE("digits: an image is its eight rows behind a class token", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  const Deck deck = digits_deck(3, 6, 9);
  const DigitEpisodes source(deck);
  for (const Split split : {Split::training, Split::held_out}) {
    const auto batch = drawn_episodes<Space, Scalar>(deck, 2, 5, split);
    for (int n = 0; n < 2; ++n) {
      const DigitEpisode episode = source.draw(split, static_cast<std::uint64_t>(5 + n));
      const auto check_set = [&](const std::vector<LabelledImage>& wanted,
                                 const Batch<Space, Scalar>& set) {
        const auto x = host_values(set.x);
        const auto y = host_values(set.y);
        for (std::size_t s = 0; s < wanted.size(); ++s) {
          const std::size_t sequence = static_cast<std::size_t>(n) * wanted.size() + s;
          REQUIRE(y[sequence] == wanted[s].label);
          const auto at = [&](int token, int feature) {
            return static_cast<double>(x[(sequence * 9 + static_cast<std::size_t>(token)) * 16 +
                                         static_cast<std::size_t>(feature)]);
          };
          const std::uint8_t* const pixels = source.pixels(wanted[s].image);
          for (int f = 0; f < 16; ++f) REQUIRE(at(0, f) == 1);
          for (int row = 0; row < 8; ++row)
            for (int f = 0; f < 8; ++f) {
              // Sixteenths: exact in either precision.
              REQUIRE(at(1 + row, f) == pixels[8 * row + f] / 16.0);
              REQUIRE(at(1 + row, 8 + f) == (row == f ? 1 : 0));
            }
        }
      };
      check_set(episode.support, batch.support);
      check_set(episode.query, batch.query);
    }
  }
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <functional>

#include "src/driver/run.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/host/made_files.hpp"
#include "tests/support/source_path.hpp"

namespace theria::test {

/// 6 tasks of 2 support and 3 query sequences, 4 tokens, `features` features; labels up to
/// `largest`.
inline Episodes made_episodes(std::size_t features, std::int32_t largest) {
  Episodes e{.x_support = {{6, 2, 4, features}, std::vector<double>(48 * features)},
             .y_support = std::vector<std::int32_t>(12),
             .x_query = {{6, 3, 4, features}, std::vector<double>(72 * features)},
             .y_query = std::vector<std::int32_t>(18)};
  e.y_query[7] = largest;
  return e;
}

inline Deck episodes_deck(const std::string& path) {
  Deck deck = default_deck(TaskKind::file);
  deck.task.file = path;
  deck.meta.tasks = 4;
  deck.evaluation.tasks = 2;
  return deck;
}

/// What resolve_files says of a deck; empty if it takes it. The path is FILE in the text.
inline std::string answer(const Deck& deck, const std::string& path) {
  try {
    resolve_files(deck);
  } catch (const UserError& error) {
    std::string text = error.what();
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path))
      text.replace(at, path.size(), "FILE");
    return text;
  }
  return {};
}

struct Fault {
  std::function<void(Deck&)> spoil;
  const char* message;
};

TEST_CASE("resolve_files refuses a deck that its episodes do not fit") {
  const TemporaryFolder folder;
  const std::string path = folder / "episodes.h5";
  write_episodes(path, made_episodes(5, 2));
  CHECK(answer(episodes_deck(path), path).empty());
  for (const auto& [spoil, message] : std::vector<Fault>{
           {[](Deck& d) { d.task.support = 3; },
            "task.support is 3, but FILE has 2; leave the key out to take the file's"},
           {[](Deck& d) { d.task.query = 2; },
            "task.query is 2, but FILE has 3; leave the key out to take the file's"},
           {[](Deck& d) { d.task.tokens = 5; },
            "task.tokens is 5, but FILE has 4; leave the key out to take the file's"},
           {[](Deck& d) { d.task.features = 4; },
            "task.features is 4, but FILE has 5; leave the key out to take the file's"},
           {[](Deck& d) { d.task.classes = 2; },
            "FILE: y_query(2,1) is 2; accepted: classes 0 to 1"},
           {[](Deck& d) { d.meta.tasks = 5; },
            "FILE: holds 6 episodes, but meta.tasks 5 and evaluation.tasks 2 take 7 different "
            "ones"},
           {[](Deck& d) { d.task.file += ".none"; }, "FILE.none: No such file or directory"},
       }) {
    Deck deck = episodes_deck(path);
    spoil(deck);
    CHECK(answer(deck, path) == std::string(message));
  }
}

TEST_CASE("resolve_files refuses episodes that no model takes") {
  const TemporaryFolder folder;
  const std::string path = folder / "episodes.h5";
  write_episodes(path, made_episodes(257, 1));
  CHECK(answer(episodes_deck(path), path) == "FILE: has 257 features, expected at most 256");
  write_episodes(path, made_episodes(2, 256));
  CHECK(answer(episodes_deck(path), path) ==
        "FILE: the largest label is 256, expected at most 255");
}

TEST_CASE("resolve_files takes every shape from the episodes, and agreeing keys too") {
  const TemporaryFolder folder;
  const std::string path = folder / "episodes.h5";
  write_episodes(path, made_episodes(5, 2));
  Deck deck = resolve_files(episodes_deck(path));
  CHECK(deck.task.support == 2);
  CHECK(deck.task.query == 3);
  CHECK(deck.task.tokens == 4);
  CHECK(deck.task.features == 5);
  CHECK(deck.task.classes == 3);
  CHECK(resolve_files(deck) == deck);
  deck.task.classes = 7;  // more classes than the labels show is the user's right
  CHECK(resolve_files(deck).task.classes == 7);
  // Labels all 0 still make two classes.
  write_episodes(path, made_episodes(5, 0));
  CHECK(resolve_files(episodes_deck(path)).task.classes == 2);
}

TEST_CASE("resolve_files refuses digits too few for an episode") {
  const TemporaryFolder folder;
  const std::string path = folder / "digits.h5";
  write_digits(path, 3);
  Deck deck = default_deck(TaskKind::digits);
  deck.task.file = path;
  CHECK(answer(deck, path) ==
        "FILE: 3 images of digit 0, but an episode takes 10 different ones "
        "((task.support + task.query) / task.classes)");
  deck.task.support = deck.task.query = 4;
  CHECK(answer(deck, path).empty());
  deck.task.file = source_path("inputs/data/digits.h5");
  CHECK(answer(deck, path).empty());
}

/// Parameters that fit small_deck() until a test spoils them.
inline std::vector<NamedTensor> fitting_parameters() {
  std::vector<NamedTensor> parameters;
  const ParameterLayout layout = parameter_layout(small_deck());
  for (const ParameterBlock& block : layout.blocks())
    parameters.push_back({block.name, {block.shape, std::vector<double>(block.size(), 0.125)}});
  return parameters;
}

TEST_CASE("resolve_files refuses stored parameters that are not the model's") {
  const TemporaryFolder folder;
  const std::string path = folder / "parameters.h5";
  Deck deck = small_deck();
  deck.model.initial = path;
  CHECK(answer(deck, path) == "FILE: No such file or directory");
  auto parameters = fitting_parameters();
  write_parameters(path, parameters);
  CHECK(answer(deck, path).empty());
  Deck embedded = embedded_deck();
  embedded.model.initial = path;
  CHECK(answer(embedded, path) == "FILE: parameter embedding of shape (8,5) is missing");
  deck.task.classes = 4;
  CHECK(answer(deck, path) ==
        "FILE: parameter classifier_weight has shape (3,8); accepted: (4,8), as the deck's model "
        "has");
  deck.task.classes = 3;
  parameters[1].name = "key_proj";
  write_parameters(path, parameters);
  CHECK(answer(deck, path) == "FILE: parameter k_proj of shape (8,8) is missing");
  parameters[1].name = "k_proj";
  parameters.push_back({"scale", {{1}, std::vector<double>{1}}});
  write_parameters(path, parameters);
  CHECK(answer(deck, path) ==
        "FILE: parameter scale is not the model's; accepted: q_proj, k_proj, v_proj, "
        "classifier_weight, classifier_bias");
}

}  // namespace theria::test

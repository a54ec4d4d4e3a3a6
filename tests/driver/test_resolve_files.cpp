// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <functional>

#include "src/driver/run.hpp"
#include "src/models/initial.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/io/working_folder.hpp"
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

inline std::string with_file_named(std::string text, const std::string& path) {
  for (auto at = text.find(path); at != std::string::npos; at = text.find(path))
    text.replace(at, path.size(), "FILE");
  return text;
}

/// What resolve_files says of a deck, one a line; empty if it takes it. The path is FILE in the text.
inline std::string answer(const Deck& deck, const std::string& path) {
  std::string lines;
  try {
    resolve_files(deck);
  } catch (const DeckError& error) {
    for (const auto& [place, message] : error.faults)
      lines += (lines.empty() ? "" : "\n") + message;
  }
  return with_file_named(lines, path);
}

struct Spoilt {
  std::function<void(Deck&)> spoil;
  const char* message;
};

TEST_CASE("resolve_files refuses a deck that its episodes do not fit") {
  const TemporaryFolder folder;
  const std::string path = folder / "episodes.h5";
  write_episodes(path, made_episodes(5, 2));
  CHECK(answer(episodes_deck(path), path).empty());
  for (const auto& [spoil, message] : std::vector<Spoilt>{
           {[](Deck& d) { d.task.support = 3; },
            "\"task.support\" is 3, but FILE has 2; leave the key out to take the file's"},
           {[](Deck& d) { d.task.query = 2; },
            "\"task.query\" is 2, but FILE has 3; leave the key out to take the file's"},
           {[](Deck& d) { d.task.tokens = 5; },
            "\"task.tokens\" is 5, but FILE has 4; leave the key out to take the file's"},
           {[](Deck& d) { d.task.features = 4; },
            "\"task.features\" is 4, but FILE has 5; leave the key out to take the file's"},
           {[](Deck& d) { d.task.classes = 2; },
            "FILE: y_query(2,1) is 2; accepted: classes 0 to 1"},
           {[](Deck& d) { d.meta.tasks = 5; },
            "\"meta.tasks\" 5 and \"evaluation.tasks\" 2 take 7 different episodes, but FILE has "
            "6"},
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
        "FILE: has 256 as its largest label, expected at most 255");
}

/// What a user sees of a deck's text and overrides, and of the files in `folder`, one a line.
inline std::string told(const std::string& text, const std::vector<std::string>& overrides,
                        const TemporaryFolder& folder) {
  const WorkingFolder here(folder / "");
  const auto [deck, places] = parse_placed_deck({"deck.yaml", text}, overrides);
  try {
    resolve_files(deck, places);
  } catch (const DeckError& error) {
    return error.what();
  }
  return "no fault";
}

TEST_CASE("every disagreement of a deck and its files is told at once, each at its place") {
  const TemporaryFolder folder;
  write_episodes(folder / "tasks.h5", made_episodes(5, 2));
  const std::string text =
      "model: {initial: none.h5}\n"
      "task:\n"
      "  kind: file\n"
      "  file: tasks.h5\n"
      "  tokens: 3\n"
      "  classes: 2\n"
      "meta: {tasks: 100}\n";
  CHECK(told(text, {}, folder) ==
        "deck.yaml:1:18: none.h5: No such file or directory\n"
        "deck.yaml:5:11: \"task.tokens\" is 3, but tasks.h5 has 4; leave the key out to take the "
        "file's\n"
        "deck.yaml:6:12: tasks.h5: y_query(2,1) is 2; accepted: classes 0 to 1\n"
        "deck.yaml:7:15: \"meta.tasks\" 100 and \"evaluation.tasks\" 0 take 100 different "
        "episodes, but tasks.h5 has 6");
  CHECK(
      told(text,
           {"task.tokens=0", "task.support=5", "task.classes=0", "meta.tasks=1", "model.initial="},
           folder) ==
      "--set 'task.support=5': \"task.support\" is 5, but tasks.h5 has 2; leave the key out to "
      "take the file's");
  CHECK(told("task: {kind: file, file: gone.h5, tokens: 3}\nmodel: {initial: none.h5}\n", {},
             folder) ==
        "deck.yaml:1:26: gone.h5: No such file or directory\n"
        "deck.yaml:2:18: none.h5: No such file or directory");
  // What no value of the deck is to blame for stands where the file is named.
  CHECK(told("task: {kind: file, file: tasks.h5}\n", {}, folder) ==
        "deck.yaml:1:26: \"meta.tasks\" 16 and \"evaluation.tasks\" 0 take 16 different episodes, "
        "but tasks.h5 has 6");
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
  embedded.task.classes = 2;
  CHECK(answer(embedded, path) ==
        "FILE: parameter embedding of shape (8,5) is missing\n"
        "FILE: parameter classifier_weight has shape (3,8); accepted: (2,8), as the deck's model "
        "has\n"
        "FILE: parameter classifier_bias has shape (3); accepted: (2), as the deck's model has");
  deck.task.classes = 4;
  CHECK(answer(deck, path) ==
        "FILE: parameter classifier_weight has shape (3,8); accepted: (4,8), as the deck's model "
        "has\n"
        "FILE: parameter classifier_bias has shape (3); accepted: (4), as the deck's model has");
  deck.task.classes = 3;
  parameters[1].name = "key_proj";
  write_parameters(path, parameters);
  CHECK(answer(deck, path) ==
        "FILE: parameter k_proj of shape (8,8) is missing\n"
        "FILE: parameter key_proj is not the model's; accepted: q_proj, k_proj, v_proj, "
        "classifier_weight, classifier_bias");
  parameters[1].name = "k_proj";
  parameters.push_back({"scale", {{1}, std::vector<double>{1}}});
  write_parameters(path, parameters);
  CHECK(answer(deck, path) ==
        "FILE: parameter scale is not the model's; accepted: q_proj, k_proj, v_proj, "
        "classifier_weight, classifier_bias");
}

TEST_CASE("learned rates come from a file that has them, or start from inner.rate") {
  const TemporaryFolder folder;
  const std::string path = folder / "parameters.h5";
  Deck deck = small_deck();
  deck.model.initial = path;
  std::vector<NamedTensor> parameters = fitting_parameters();
  write_parameters(path, parameters);
  deck.inner.rates = InnerRates::learned;
  CHECK(answer(deck, path).empty());
  const ParameterLayout layout = learned_layout(deck);
  const std::vector<double> start = initial_parameters(deck, layout);
  CHECK(start.at(layout.block("rate_q_proj").offset) == deck.inner.rate);

  const std::vector<NamedTensor> adapted = parameters;
  for (const NamedTensor& parameter : adapted)
    parameters.push_back({"rate_" + parameter.name, parameter.tensor});
  write_parameters(path, parameters);
  CHECK(answer(deck, path).empty());
  CHECK(initial_parameters(deck, layout).at(layout.block("rate_q_proj").offset) == start.at(0));
  deck.inner.rates = InnerRates::fixed;
  CHECK(answer(deck, path) ==
        "FILE has a learned rate for every parameter (rate_…); give \"inner.rates\" learned, or "
        "parameters without");
}

TEST_CASE("a budget that keeps nothing useful is a fault of the deck") {
  Deck deck = small_deck();
  deck.meta.tasks = 500;
  deck.inner.steps = 17;
  deck.meta.store = Store::budget;
  deck.meta.budget = 3;
  CHECK(answer(deck, "no file")
            .find("\"meta.budget\" is 3 MiB, but what is kept of 17 inner steps") !=
        std::string::npos);
}

}  // namespace theria::test

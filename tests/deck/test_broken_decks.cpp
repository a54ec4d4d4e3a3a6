// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>

#include "src/deck/deck.hpp"
#include "tests/deck/broken_decks.hpp"

namespace {

namespace fs = std::filesystem;
using namespace theria;

const fs::path broken_folder = fs::path(THERIA_SOURCE_DIR) / "inputs/test/broken";

std::string all_faults(const DeckSource& source) {
  try {
    parse_deck(source);
  } catch (const DeckError& error) {
    return error.what();
  }
  return "no fault";
}

TEST_CASE("every broken deck is refused with all its faults, each at its place") {
  CHECK(test::broken_decks.size() >= 40);
  for (const test::BrokenDeck& broken : test::broken_decks) {
    CAPTURE(broken.name);
    DeckSource source = load_deck((broken_folder / (broken.name + ".yaml")).string());
    source.path = "deck.yaml";
    std::string expected;
    for (const std::string& fault : broken.faults) {
      expected += (expected.empty() ? "deck.yaml" : "\ndeck.yaml") + fault;
    }
    CHECK(all_faults(source) == expected);
  }
}

TEST_CASE("every deck in the folder of broken decks is in the table") {
  std::set<std::string> known;
  for (const test::BrokenDeck& broken : test::broken_decks) known.insert(broken.name);
  for (const auto& entry : fs::directory_iterator(broken_folder)) {
    if (entry.path().extension() == ".yaml") CHECK(known.contains(entry.path().stem().string()));
  }
}

TEST_CASE("the faults of a deck can be read one by one") {
  try {
    parse_deck({"deck.yaml", "seed: -1\ninner:\n  stpes: 3\n"});
    FAIL("accepted");
  } catch (const DeckError& error) {
    REQUIRE(error.faults.size() == 3);
    CHECK(error.faults[0].place == "deck.yaml:1:1");
    CHECK(error.faults[1].place == "deck.yaml:1:7");
    CHECK(error.faults[2].place == "deck.yaml:3:3");
    CHECK(error.faults[2].message == "unknown key \"inner.stpes\" (did you mean \"inner.steps\"?)");
  }
}

TEST_CASE("a hundred faults are told, the rest counted") {
  std::string text = "task: {kind: digits}\n";
  for (int i = 0; i < 130; ++i) text += "unknown" + std::to_string(i) + ": 1\n";
  const std::string told = all_faults({"deck.yaml", text});
  CHECK(told.find("deck.yaml:101:1: unknown key \"unknown99\"\n… and 30 more faults") !=
        std::string::npos);
}

}  // namespace

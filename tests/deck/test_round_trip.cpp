// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "src/deck/deck.hpp"

namespace {

using namespace theria;

Deck read_back(const Deck& deck) { return parse_deck({"effective", effective_deck(deck)}); }

TEST_CASE("an effective deck reads back as the same deck") {
  for (const char* name :
       {"quickstart", "sequence_classification", "meta_gradient", "test/digits_small",
        "test/sequence_small", "test/sequence_float32", "test/adam_truncated", "test/hybrid_head",
        "test/reptile", "test/long"}) {
    CAPTURE(name);
    const Deck deck = read_deck(std::string(THERIA_SOURCE_DIR) + "/inputs/" + name + ".yaml");
    CHECK(read_back(deck) == deck);
    CHECK(effective_deck(read_back(deck)) == effective_deck(deck));
  }
}

TEST_CASE("numbers survive to the last bit") {
  Deck deck = default_deck(TaskKind::sequence_classification);
  deck.precision = Precision::float64;
  deck.seed = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  for (const double rate :
       {0.1, 1.0 / 3, 1e-8, 5e-324, 1e6, std::nextafter(0.4, 1), 123456.789, 0.0}) {
    deck.inner.rate = rate;
    CHECK(read_back(deck) == deck);
  }
}

TEST_CASE("texts survive whatever is in them") {
  Deck deck = default_deck(TaskKind::digits);
  for (const char* text :
       {"", " ", "a: b", "\"quoted\" and \\n", "line\nline\ttab\n", "# no comment", "- item", "~",
        "null", "010", "{a: [b]}", "é 数字 🙂", "'", "%YAML", "---", "...", "*a &b !c",
        "ends with \\"}) {
    CAPTURE(text);
    deck.notes = text;
    CHECK(read_back(deck) == deck);
  }
  deck.output.file = "my \"results\"/a b.h5";
  CHECK(read_back(deck) == deck);
}

TEST_CASE("keys that a deck's kinds do not use are left out of its effective deck") {
  Deck deck = default_deck(TaskKind::digits);
  deck.outer.optimizer = OuterOptimizer::sgd;
  const std::string text = effective_deck(deck);
  CHECK(text.find("signals") == std::string::npos);
  CHECK(text.find("beta1") == std::string::npos);
  CHECK(text.find("optimizer: sgd") != std::string::npos);
}

TEST_CASE("a deck of kind file may leave shapes to the file") {
  const Deck deck = parse_deck({"deck.yaml", "task: {kind: file, file: a.h5}\n"});
  CHECK(deck.task.tokens == 0);
  CHECK(deck.task.classes == 0);
  CHECK(read_back(deck) == deck);
}

TEST_CASE("the shortest form of a number is written") {
  Deck deck = default_deck(TaskKind::digits);
  deck.inner.rate = 0.1;
  CHECK(effective_deck(deck).find("rate: 0.1\n") != std::string::npos);
}

}  // namespace

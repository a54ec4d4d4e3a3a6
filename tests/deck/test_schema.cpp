// SPDX-License-Identifier: Apache-2.0
#include "src/deck/schema.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace theria;

/// Every key of the plan that users were promised; renaming one breaks their decks.
constexpr std::string_view promised[] = {"seed",
                                         "precision",
                                         "backend",
                                         "task.kind",
                                         "task.tokens",
                                         "task.features",
                                         "task.classes",
                                         "task.support",
                                         "task.query",
                                         "task.signals",
                                         "task.noise_std",
                                         "task.file",
                                         "model.kind",
                                         "model.width",
                                         "model.layers",
                                         "model.heads",
                                         "model.causal",
                                         "model.attention",
                                         "model.readout",
                                         "model.initial",
                                         "inner.steps",
                                         "inner.rate",
                                         "meta.mode",
                                         "meta.engine",
                                         "outer.weight_decay",
                                         "outer.clip",
                                         "outer.schedule",
                                         "outer.warmup",
                                         "meta.last",
                                         "inner.proximal",
                                         "inner.rates",
                                         "meta.tolerance",
                                         "meta.iterations",
                                         "meta.unconverged",
                                         "meta.diverged",
                                         "meta.store",
                                         "meta.budget",
                                         "meta.activations",
                                         "meta.every",
                                         "inner.optimizer",
                                         "inner.momentum",
                                         "inner.beta1",
                                         "inner.beta2",
                                         "inner.epsilon",
                                         "inner.parameters",
                                         "meta.tasks",
                                         "meta.batch",
                                         "outer.steps",
                                         "outer.optimizer",
                                         "outer.rate",
                                         "outer.beta1",
                                         "outer.beta2",
                                         "outer.epsilon",
                                         "evaluation.tasks",
                                         "evaluation.every",
                                         "output.file",
                                         "output.record",
                                         "notes"};

TEST_CASE("the schema has the promised keys, once each") {
  std::set<std::string_view> keys;
  for (const KeySchema& entry : schema()) CHECK(keys.insert(entry.key).second);
  for (const std::string_view key : promised) CHECK(keys.contains(key));
  CHECK(keys.size() == std::size(promised));
}

TEST_CASE("every key has a meaning, a rule, and choices if it is a word") {
  for (const KeySchema& entry : schema()) {
    CAPTURE(entry.key);
    CHECK(!entry.meaning.empty());
    CHECK(!entry.rules.empty());
    CHECK(entry.choices.empty() == (entry.type != ValueType::word));
    const bool numeric = entry.type == ValueType::count || entry.type == ValueType::number;
    for (const KeyRule& rule : entry.rules) {
      if (numeric || entry.type == ValueType::text) CHECK(!rule.limits.low.empty());
      if (entry.selector.empty()) {
        CHECK(rule.when.empty());
      } else {
        const KeySchema* selector = find_key(entry.selector);
        REQUIRE(selector != nullptr);
        CHECK(selector < &entry);
        CHECK(std::find(selector->choices.begin(), selector->choices.end(), rule.when) !=
              selector->choices.end());
      }
    }
  }
}

TEST_CASE("every key has a place of its own in the Deck, of its own type") {
  Deck deck;
  std::set<const void*> places;
  for (const KeySchema& entry : schema()) {
    CAPTURE(entry.key);
    const Slot slot = entry.slot(deck);
    const auto is_new = [&](auto* place) { CHECK(places.insert(place).second); };
    switch (entry.type) {
      case ValueType::count:
        if (std::holds_alternative<int*>(slot))
          is_new(std::get<int*>(slot));
        else
          is_new(std::get<std::uint64_t*>(slot));
        break;
      case ValueType::number:
        is_new(std::get<double*>(slot));
        break;
      case ValueType::boolean:
        is_new(std::get<bool*>(slot));
        break;
      case ValueType::text:
        is_new(std::get<std::string*>(slot));
        break;
      case ValueType::word: {
        const WordSlot& word = std::get<WordSlot>(slot);
        for (int i = 0; i < static_cast<int>(entry.choices.size()); ++i) {
          word.set(i);
          CHECK(word.get() == i);
        }
        break;
      }
    }
  }
}

TEST_CASE("the defaults make a deck, for every kind of task") {
  const Deck sequences = default_deck(TaskKind::sequence_classification);
  CHECK(sequences.task.tokens == 32);
  CHECK(sequences.task.features == 64);
  CHECK(sequences.task.classes == 5);
  CHECK(sequences.task.signals == 4);
  CHECK(sequences.task.noise_std == 1.0);
  CHECK(sequences.precision == Precision::float32);
  CHECK(sequences.backend == Backend::automatic);
  CHECK(sequences.inner.steps == 5);
  CHECK(sequences.outer.epsilon == 1e-8);
  const Deck digits = default_deck(TaskKind::digits);
  CHECK(digits.task.tokens == 9);
  CHECK(digits.task.features == 16);
  CHECK(digits.task.support == 20);
  CHECK(default_deck(TaskKind::file).task.tokens == 0);
}

TEST_CASE("the limits themselves are accepted") {
  CHECK_NOTHROW(parse_deck({"deck.yaml",
                            "seed: 9223372036854775807\n"
                            "task: {kind: sequence_classification, tokens: 2, signals: 1}\n"
                            "inner: {steps: 1000, rate: 1e6}\n"
                            "meta: {tasks: 1000000}\n"
                            "outer: {steps: 1000000000, beta1: 0, epsilon: 1}\n"}));
}

TEST_CASE("theria schema prints every key with its meaning") {
  const std::string text = schema_text();
  const std::string markdown = schema_markdown();
  for (const KeySchema& entry : schema()) {
    CAPTURE(entry.key);
    CHECK(text.find("\n" + std::string(entry.key) + " ") != std::string::npos);
    CHECK(text.find(entry.meaning) != std::string::npos);
    CHECK(markdown.find("| `" + std::string(entry.key) + "` |") != std::string::npos);
  }
}

TEST_CASE("enumerations have words") {
  CHECK(word_of(Backend::automatic) == "auto");
  CHECK(word_of(Precision::float32) == "float32");
  CHECK(word_of(TaskKind::file) == "file");
  CHECK(word_of(ModelKind::tiny_attention) == "tiny_attention");
  CHECK(word_of(MetaMode::first_order_strict) == "first_order_strict");
  CHECK(word_of(OuterOptimizer::adam) == "adam");
}

}  // namespace

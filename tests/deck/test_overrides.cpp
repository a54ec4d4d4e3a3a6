// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "src/deck/deck.hpp"

namespace {

using namespace theria;

const std::string small_deck_text = "task:\n  kind: digits\ninner:\n  steps: 3\n";

Deck with(const std::vector<std::string>& overrides, const std::string& text = small_deck_text) {
  return parse_deck({"deck.yaml", text}, overrides);
}

std::string faults_with(const std::vector<std::string>& overrides,
                        const std::string& text = small_deck_text) {
  try {
    with(overrides, text);
  } catch (const DeckError& error) {
    return error.what();
  }
  return "no fault";
}

TEST_CASE("an override replaces a value of the deck, or adds one") {
  CHECK(with({}).inner.steps == 3);
  CHECK(with({"inner.steps=20"}).inner.steps == 20);
  CHECK(with({"outer.steps=7"}).outer.steps == 7);
  CHECK(with({" inner.rate = 0.25 "}).inner.rate == 0.25);
  CHECK(with({"output.record=true"}).output.record);
  CHECK(with({"meta.mode=first_order"}).meta.mode == MetaMode::first_order);
  CHECK(with({"inner.steps=20", "inner.rate=1e-3"}) ==
        with({}, "task: {kind: digits}\ninner: {steps: 20, rate: 0.001}\n"));
}

TEST_CASE("an override stands for a faulty value, a missing one, a whole deck") {
  CHECK(with({"inner.steps=4"}, "task: {kind: digits}\ninner: {steps: many}\n").inner.steps == 4);
  CHECK(with({"task.kind=digits"}, "seed: 1\n").task.kind == TaskKind::digits);
  CHECK(with({"task.kind=digits"}, "") == default_deck(TaskKind::digits));
}

TEST_CASE("text is taken as it stands") {
  CHECK(with({"notes= a: \"b\" = c "}).notes == " a: \"b\" = c ");
  CHECK(with({"output.file=my results/über.h5"}).output.file == "my results/über.h5");
  CHECK(with({"output.file="}, small_deck_text + "output: {file: x.h5}\n").output.file.empty());
}

TEST_CASE("faults of overrides name the override, after the deck's") {
  CHECK(faults_with({"inner.stpes=3"}) ==
        "--set 'inner.stpes=3': unknown key \"inner.stpes\" (did you mean \"inner.steps\"?)");
  CHECK(faults_with({"inner.steps=010"}) ==
        "--set 'inner.steps=010': \"inner.steps\" is 010: leading zeros are refused, since some "
        "programs "
        "read them as octal; write 10");
  CHECK(faults_with({"inner.rate=nan"}) ==
        "--set 'inner.rate=nan': \"inner.rate\" must be a finite number, not nan");
  CHECK(faults_with({"inner.steps="}) ==
        "--set 'inner.steps=': \"inner.steps\" must be a whole number, not \"\"");
  CHECK(faults_with({"inner.steps=\"5\""}) ==
        "--set 'inner.steps=\"5\"': \"inner.steps\" must be a whole number, not \"\"5\"\"");
  CHECK(faults_with({"inner.steps"}) ==
        "--set 'inner.steps': write key=value, as in inner.steps=3");
  CHECK(faults_with({"=3"}) == "--set '=3': unknown key \"\"");
  CHECK(faults_with({"inner=3"}) ==
        "--set 'inner=3': \"inner\" is a section; set its keys (steps, rate, optimizer, momentum, "
        "beta1, beta2, epsilon, parameters, rates, proximal), as in inner.steps=…");
  CHECK(faults_with({"seed=1", "seed=1"}) == "--set 'seed=1': \"seed\" is set twice");
  CHECK(faults_with({"task.signals=2"}) ==
        "--set 'task.signals=2': \"task.signals\" is not used by task.kind digits (only by "
        "sequence_classification); remove it");
  CHECK(faults_with({"output.file=a\nb"}) ==
        "--set 'output.file=a\\nb': \"output.file\" has a control character: \"a\\nb\"");
  CHECK(faults_with({"notes=\xFF"}) ==
        "--set 'notes=\\xff': \"notes\" must be UTF-8 text, not \"\\xff\"");
  CHECK(faults_with({"zeed=1", "inner.rate=-1"}, "seed: x\ntask: {kind: digits}\n") ==
        "deck.yaml:1:7: \"seed\" must be a whole number, not \"x\"\n"
        "--set 'zeed=1': unknown key \"zeed\" (did you mean \"seed\"?)\n"
        "--set 'inner.rate=-1': \"inner.rate\" must be from 0 to 1e6, not -1");
}

TEST_CASE("an override that does not fit the deck is the one to blame") {
  CHECK(faults_with({"task.support=3"}) ==
        "--set 'task.support=3': \"task.support\" is 3, fewer than the 4 classes; every class "
        "needs an "
        "example");
  CHECK(
      faults_with({"task.kind=digits"}, "task: {kind: sequence_classification, noise_std: 2}\n") ==
      "deck.yaml:1:39: \"task.noise_std\" is not used by task.kind digits (only by "
      "sequence_classification, sinusoid, linear_regression, quadratic); remove it");
}

}  // namespace

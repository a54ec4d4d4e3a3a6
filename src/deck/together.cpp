// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "src/deck/episode_limits.hpp"
#include "src/deck/reader.hpp"

namespace theria {

namespace {

constexpr int most_head_width = 256;                    // of the operators of attention
constexpr int rarest_digit = 174;                       // images of the digit with the fewest
constexpr std::int64_t most_task_numbers = 2147483647;  // what a 32-bit index of one task reaches

void check_classes(const Deck& deck, DeckFiller& filler) {
  const TaskDeck& task = deck.task;
  if (!filler.sound({"task.classes"})) return;
  if (filler.sound({"task.support"}) && task.support < task.classes) {
    filler.fault(
        {"task.support", "task.classes"},
        fmt::format(
            "\"task.support\" is {}, fewer than the {} classes; every class needs an example",
            task.support, task.classes));
  }
  if (task.kind != TaskKind::digits) return;
  const auto check_balance = [&](std::string_view key, int sequences) {
    if (!filler.sound({key}) || sequences % task.classes == 0) return;
    filler.fault(
        {key, "task.classes"},
        fmt::format("\"{}\" is {}, not a multiple of the {} classes; digits tasks are balanced",
                    key, sequences, task.classes));
  };
  if (task.support >= task.classes) check_balance("task.support", task.support);
  check_balance("task.query", task.query);
  const int per_class = (task.support + task.query) / task.classes;
  if (filler.sound({"task.support", "task.query"}) && per_class > rarest_digit) {
    filler.fault(
        {"task.query", "task.support"},
        fmt::format(
            "\"task.support\" and \"task.query\" take {} images of a digit; there are {} of "
            "the rarest",
            per_class, rarest_digit));
  }
}

void check_signals(const Deck& deck, DeckFiller& filler) {
  if (!filler.sound({"task.signals", "task.tokens"})) return;
  if (deck.task.signals < deck.task.tokens) return;
  filler.fault(
      {"task.signals", "task.tokens"},
      fmt::format(
          "\"task.signals\" is {}, but \"task.tokens\" {} leaves room for {} (token 0 is never "
          "a signal)",
          deck.task.signals, deck.task.tokens, deck.task.tokens - 1));
}

void check_size(const Deck& deck, DeckFiller& filler) {
  if (!filler.sound({"task.support", "task.query", "task.tokens", "task.features"})) return;
  const TaskDeck& task = deck.task;
  const std::int64_t numbers =
      (std::int64_t{task.support} + task.query) * task.tokens * task.features;
  if (numbers <= most_task_numbers) return;
  filler.fault(
      {"task.tokens", "task.support", "task.query", "task.features"},
      fmt::format(
          "one task would hold {} numbers ((support + query) · tokens · features); at most {}",
          numbers, most_task_numbers));
}

/// A number that the precision rounds to 0, or onto a limit that it must stay below, means
/// something else than the deck says.
void check_precision(Deck deck, DeckFiller& filler) {
  if (!filler.sound({"precision"}) || deck.precision == Precision::float64) return;
  for (const KeySchema& entry : schema()) {
    const KeyRule* rule = entry.rule(selected_word(entry, deck));
    if (entry.type != ValueType::number || rule == nullptr || !filler.sound({entry.key})) continue;
    const double value = *std::get<double*>(entry.slot(deck));
    const auto rounded = static_cast<double>(static_cast<float>(value));
    if ((rounded == 0) == (value == 0) && keeps(rounded, rule->limits)) continue;
    filler.fault({entry.key},
                 fmt::format("\"{}\" is {}, which float32 rounds to {}; give another value, or "
                             "precision: float64",
                             entry.key, value, rounded));
  }
}

/// The implicit function theorem asks for a minimum in all parameters, and proximity makes one.
void check_implicit(const Deck& deck, DeckFiller& filler) {
  if (!filler.sound({"meta.mode"}) || deck.meta.mode != MetaMode::implicit) return;
  if (filler.sound({"inner.proximal"}) && deck.inner.proximal == 0)
    filler.fault({"inner.proximal", "meta.mode"},
                 "\"meta.mode\" implicit needs an \"inner.proximal\" above 0");
  if (filler.sound({"inner.parameters"}) && deck.inner.parameters != InnerParameters::all)
    filler.fault({"inner.parameters", "meta.mode"},
                 "\"meta.mode\" implicit adapts all parameters; remove \"inner.parameters\" head");
}

/// Learned rates are learned by the derivative of a path: of the ways that have one.
void check_rates(const Deck& deck, DeckFiller& filler) {
  if (!filler.sound({"inner.rates", "meta.mode"})) return;
  if (deck.inner.rates != InnerRates::learned) return;
  if (deck.meta.mode == MetaMode::reptile || deck.meta.mode == MetaMode::implicit)
    filler.fault({"inner.rates", "meta.mode"},
                 fmt::format("\"inner.rates\" learned needs a meta-gradient by the rates, which "
                             "\"meta.mode\" {} has not",
                             word_of(deck.meta.mode)));
}

/// What the parts of a model must agree on.
void check_model(const Deck& deck, DeckFiller& filler) {
  if (!filler.sound({"model.kind"})) return;
  const ModelDeck& model = deck.model;
  const bool transformer = model.kind == ModelKind::transformer;
  if (transformer && filler.sound({"model.width", "model.heads"})) {
    if (model.width % model.heads != 0)
      filler.fault({"model.heads", "model.width"},
                   fmt::format("\"model.width\" {} is not a multiple of \"model.heads\" {}",
                               model.width, model.heads));
    else if (model.width / model.heads > most_head_width)
      filler.fault(
          {"model.heads", "model.width"},
          fmt::format("\"model.width\" {} over \"model.heads\" {} makes heads of width "
                      "{}; at most {}",
                      model.width, model.heads, model.width / model.heads, most_head_width));
  }
  const bool linear = model.attention == AttentionKind::linear;
  if (transformer && filler.sound({"model.causal", "model.attention", "model.readout"}) &&
      model.causal) {
    if (linear)
      filler.fault({"model.causal", "model.attention"},
                   "\"model.causal\" true needs \"model.attention\" softmax");
    if (model.readout == Readout::first)
      filler.fault({"model.causal", "model.readout"},
                   "with \"model.causal\" true the first token sees itself alone; give "
                   "\"model.readout\" last or mean");
  }
  if (!filler.sound({"precision", "model.attention"}) || deck.precision <= Precision::float32)
    return;
  if (model.kind == ModelKind::mlp || model.kind == ModelKind::linear || linear)
    filler.fault(
        {"precision"},
        fmt::format("\"precision\" {} needs softmax attention, which this model has not; give "
                    "float32 or float64",
                    word_of(deck.precision)));
}

void check_evaluation(const Deck& deck, DeckFiller& filler) {
  if (!filler.sound({"evaluation.every", "evaluation.tasks"})) return;
  if (deck.evaluation.every == 0 || deck.evaluation.tasks > 0) return;
  filler.fault({"evaluation.every", "evaluation.tasks"},
               fmt::format("\"evaluation.every\" is {}, but \"evaluation.tasks\" is 0: nothing "
                           "would be evaluated; give a number of tasks, or remove it",
                           deck.evaluation.every));
}

/// Of a file's episodes the shapes are known later; src/driver/resolve_files.cpp asks again.
void check_engine(const Deck& deck, DeckFiller& filler) {
  if (reads_episodes(deck.task.kind) || deck.meta.engine != EngineKind::episode) return;
  if (!filler.sound({"meta.engine", "backend", "precision", "model.kind", "model.attention",
                     "inner.optimizer", "inner.parameters", "inner.proximal", "meta.mode",
                     "model.width", "task.features", "task.tokens", "task.classes", "task.support",
                     "task.query"}))
    return;
  const std::string refusal = episode_refusal(deck);
  if (!refusal.empty()) filler.fault({"meta.engine"}, impossible_engine(refusal));
}

}  // namespace

void check_together(const Deck& deck, DeckFiller& filler) {
  check_precision(deck, filler);
  check_evaluation(deck, filler);
  check_implicit(deck, filler);
  check_model(deck, filler);
  check_rates(deck, filler);
  if (filler.sound({"task.kind"})) check_engine(deck, filler);
  if (!filler.sound({"task.kind"})) return;
  if (reads_episodes(deck.task.kind)) {
    if (filler.sound({"task.classes"}) && deck.task.classes == 1)
      filler.fault({"task.classes"},
                   "\"task.classes\" is 1; expected 0 (as in the file) or from 2 to 256");
    return;
  }
  if (!is_regression(deck.task.kind)) check_classes(deck, filler);
  if (deck.task.kind == TaskKind::sequence_classification) check_signals(deck, filler);
  check_size(deck, filler);
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/deck/schema.hpp"

#include <algorithm>

#include "src/deck/words.hpp"

namespace theria {

namespace {

template <typename Choice>
Slot word_slot(Choice& choice) {
  return WordSlot{[&choice](int i) { choice = static_cast<Choice>(i); },
                  [&choice] { return static_cast<int>(choice); }};
}

template <typename Choice>
std::vector<std::string_view> choices() {
  return {words_of<Choice>.begin(), words_of<Choice>.end()};
}

constexpr std::string_view sequences = "sequence_classification";
constexpr std::string_view digits = "digits";
constexpr std::string_view file = "file";
constexpr std::string_view sinusoid = "sinusoid";
constexpr std::string_view regression = "linear_regression";
constexpr std::string_view quadratic = "quadratic";
constexpr std::string_view targets = "regression_file";
constexpr std::string_view tiny = "tiny_attention";
constexpr std::string_view transformer = "transformer";
constexpr std::string_view mlp = "mlp";

// clang-format off
std::vector<KeySchema> make_schema() {
  using enum ValueType;
  return {
    {"seed", count,
     "seed of every random number: initial parameters and tasks",
     "", {{"", "0", {"0", "9223372036854775807"}}}, {},
     [](Deck& d) -> Slot { return &d.seed; }},
    {"precision", word,
     "floating-point type of data, parameters and derivatives; tfloat32, bfloat16 and float16 are that of attention, or in the episode engine (which has no float16) that of inputs, and all else is float32",
     "", {{"", "float32", {}}}, choices<Precision>(),
     [](Deck& d) { return word_slot(d.precision); }},
    {"backend", word,
     "where to run; auto takes a usable CUDA device if there is one, else OpenMP",
     "", {{"", "auto", {}}}, choices<Backend>(),
     [](Deck& d) { return word_slot(d.backend); }},

    {"task.kind", word,
     "where episodes come from: synthetic sequences, handwritten digits, a file of classes; sine waves to predict, linear "
     "regressions in the tokens of a sequence, one linear regression a task, a file of numbers to predict",
     "", {{"", std::nullopt, {}}}, choices<TaskKind>(),
     [](Deck& d) { return word_slot(d.task.kind); }},
    {"task.tokens", count,
     "tokens of a sequence; 0 of a file's: as in the file",
     "task.kind",
     {{sequences, "32", {"2", "65536"}},
      {digits, "9", {"9", "9"}},
      {file, "0", {"0", "65536"}},
      {targets, "0", {"0", "65536"}},
      {sinusoid, "1", {"1", "1"}},
      {regression, "11", {"2", "65536"}},
      {quadratic, "1", {"1", "1"}}}, {},
     [](Deck& d) -> Slot { return &d.task.tokens; }},
    {"task.features", count,
     "numbers of a token; 0 of a file's: as in the file; in kind linear_regression the last one is y",
     "task.kind",
     {{sequences, "64", {"1", "256"}},
      {digits, "16", {"16", "16"}},
      {file, "0", {"0", "256"}},
      {targets, "0", {"0", "256"}},
      {sinusoid, "1", {"1", "1"}},
      {regression, "11", {"2", "256"}},
      {quadratic, "8", {"1", "256"}}}, {},
     [](Deck& d) -> Slot { return &d.task.features; }},
    {"task.classes", count,
     "classes of a task; 0 of a file's: as in the file",
     "task.kind",
     {{sequences, "5", {"2", "256"}},
      {digits, "4", {"2", "4"}},
      {file, "0", {"0", "256"}}}, {},
     [](Deck& d) -> Slot { return &d.task.classes; }},
    {"task.support", count,
     "support sequences, or points, of a task, over all classes; 0 of a file's: as in the file",
     "task.kind",
     {{sequences, "16", {"1", "65536"}},
      {digits, "20", {"2", "692"}},
      {file, "0", {"0", "65536"}},
      {targets, "0", {"0", "65536"}},
      {sinusoid, "10", {"1", "65536"}},
      {regression, "16", {"1", "65536"}},
      {quadratic, "16", {"1", "65536"}}}, {},
     [](Deck& d) -> Slot { return &d.task.support; }},
    {"task.query", count,
     "query sequences, or points, of a task, over all classes; 0 of a file's: as in the file",
     "task.kind",
     {{sequences, "16", {"1", "65536"}},
      {digits, "20", {"2", "692"}},
      {file, "0", {"0", "65536"}},
      {targets, "0", {"0", "65536"}},
      {sinusoid, "10", {"1", "65536"}},
      {regression, "16", {"1", "65536"}},
      {quadratic, "16", {"1", "65536"}}}, {},
     [](Deck& d) -> Slot { return &d.task.query; }},
    {"task.signals", count,
     "positions of a sequence that carry its class's prototype, never token 0",
     "task.kind", {{sequences, "4", {"1", "65535"}}}, {},
     [](Deck& d) -> Slot { return &d.task.signals; }},
    {"task.noise_std", number,
     "standard deviation of the noise: of sequences, at the other positions, half of it at the signals; of "
     "regressions, of y in support and context, never of what is to be predicted",
     "task.kind",
     {{sequences, "1", {"0", "1e6"}},
      {sinusoid, "0", {"0", "1e6"}},
      {regression, "0", {"0", "1e6"}},
      {quadratic, "0", {"0", "1e6"}}}, {},
     [](Deck& d) -> Slot { return &d.task.noise_std; }},
    {"task.file", text,
     "HDF5 file of the episodes, or another copy of the digits",
     "task.kind",
     {{digits, "", {"0", "4096"}},
      {file, std::nullopt, {"1", "4096"}},
      {targets, std::nullopt, {"1", "4096"}}}, {},
     [](Deck& d) -> Slot { return &d.task.file; }},

    {"model.kind", word,
     "the model that learns: one attention, a transformer, layers of a perceptron on all of a sequence, one matrix",
     "", {{"", "tiny_attention", {}}}, choices<ModelKind>(),
     [](Deck& d) { return word_slot(d.model.kind); }},
    {"model.width", count,
     "width of the model; of tiny_attention, where it is not task.features, an embedding comes first",
     "model.kind",
     {{tiny, "64", {"1", "256"}},
      {transformer, "64", {"1", "1024"}},
      {mlp, "40", {"1", "1024"}}}, {},
     [](Deck& d) -> Slot { return &d.model.width; }},
    {"model.layers", count,
     "blocks of attention and perceptron; hidden layers",
     "model.kind", {{transformer, "2", {"1", "64"}}, {mlp, "2", {"1", "64"}}}, {},
     [](Deck& d) -> Slot { return &d.model.layers; }},
    {"model.heads", count,
     "heads of an attention, which share the width equally",
     "model.kind", {{transformer, "4", {"1", "64"}}}, {},
     [](Deck& d) -> Slot { return &d.model.heads; }},
    {"model.causal", boolean,
     "whether a token sees itself and those before it alone",
     "model.kind", {{transformer, "false", {}}}, {},
     [](Deck& d) -> Slot { return &d.model.causal; }},
    {"model.attention", word,
     "softmax, or linear: the same without it, whose one layer can be a step of gradient descent",
     "model.kind", {{tiny, "softmax", {}}, {transformer, "softmax", {}}}, choices<AttentionKind>(),
     [](Deck& d) { return word_slot(d.model.attention); }},
    {"model.readout", word,
     "what the head reads of a sequence: its first token, its last, or the mean of all",
     "model.kind", {{transformer, "first", {}}}, choices<Readout>(),
     [](Deck& d) { return word_slot(d.model.readout); }},
    {"model.initial", text,
     "result file whose final parameters the run starts from; empty: drawn from the seed",
     "", {{"", "", {"0", "4096"}}}, {},
     [](Deck& d) -> Slot { return &d.model.initial; }},

    {"inner.steps", count,
     "gradient steps that adapt the parameters to a task",
     "", {{"", "5", {"0", "1000"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.steps; }},
    {"inner.rate", number,
     "learning rate of these steps",
     "", {{"", "0.4", {"0", "1e6"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.rate; }},

    {"inner.optimizer", word,
     "rule of these steps; the meta-gradient is through all of its state",
     "", {{"", "sgd", {}}}, choices<InnerOptimizer>(),
     [](Deck& d) { return word_slot(d.inner.optimizer); }},
    {"inner.momentum", number,
     "what is left of the sum of gradients after a step",
     "inner.optimizer", {{"momentum", "0.9", {"0", "<1"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.momentum; }},
    {"inner.beta1", number,
     "decay of Adam's mean of gradients",
     "inner.optimizer", {{"adam", "0.9", {"0", "<1"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.beta1; }},
    {"inner.beta2", number,
     "decay of Adam's mean of squared gradients",
     "inner.optimizer", {{"adam", "0.999", {"0", "<1"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.beta2; }},
    {"inner.epsilon", number,
     "its square is added to Adam's mean square, inside the root, so that the step has a derivative",
     "inner.optimizer", {{"adam", "1e-4", {"1e-15", "1"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.epsilon; }},
    {"inner.parameters", word,
     "which parameters adapt: all, or the last layer alone (ANIL)",
     "", {{"", "all", {}}}, choices<InnerParameters>(),
     [](Deck& d) { return word_slot(d.inner.parameters); }},

    {"inner.rates", word,
     "fixed: inner.rate; learned: a rate for every parameter, which starts there and which the outer loop learns like "
     "the parameters (Meta-SGD)",
     "inner.optimizer", {{"sgd", "fixed", {}}}, choices<InnerRates>(),
     [](Deck& d) { return word_slot(d.inner.rates); }},
    {"inner.proximal", number,
     "half of it times the squared distance from the start is added to the support loss; 0: none; with sgd its "
     "product with inner.rate has to stay below 2",
     "", {{"", "0", {"0", "1e6"}}}, {},
     [](Deck& d) -> Slot { return &d.inner.proximal; }},

    {"meta.mode", word,
     "full: exact; first_order: inner gradients are constants; first_order_strict: the same "
     "numbers; truncated: through the last inner steps; hybrid: full now and then, first_order "
     "between; reptile: towards the adapted parameters; implicit: as if adaptation ended in a "
     "minimum of its proximal objective",
     "", {{"", "full", {}}}, choices<MetaMode>(),
     [](Deck& d) { return word_slot(d.meta.mode); }},
    {"meta.last", count,
     "inner steps, from the last one back, that the meta-gradient goes through",
     "meta.mode", {{"truncated", "1", {"0", "1000"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.last; }},
    {"meta.every", count,
     "outer steps from one full meta-gradient to the next; the first is full",
     "meta.mode", {{"hybrid", "5", {"1", "1000000000"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.every; }},
    {"meta.tolerance", number,
     "residual, relative to the query gradient, at which conjugate gradients stop",
     "meta.mode", {{"implicit", "1e-5", {">0", "<1"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.tolerance; }},
    {"meta.iterations", count,
     "most products with a Hessian that conjugate gradients take",
     "meta.mode", {{"implicit", "100", {"1", "100000"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.iterations; }},
    {"meta.unconverged", word,
     "a task whose system isn't solved to the tolerance, or isn't positive definite: error, or keep what there "
     "is, at least the query gradient",
     "meta.mode", {{"implicit", "error", {}}}, choices<Unconverged>(),
     [](Deck& d) { return word_slot(d.meta.unconverged); }},
    {"meta.store", word,
     "what is kept of the inner steps for a meta-gradient that goes back through them: all; sqrt: about the root of their "
     "number, twice, and the rest made again; budget: as much as fits. Takes time, never changes a result",
     "", {{"", "all", {}}}, choices<Store>(),
     [](Deck& d) { return word_slot(d.meta.store); }},
    {"meta.budget", count,
     "MiB that the kept inner steps of one launch may take",
     "meta.store", {{"budget", "1024", {"1", "1000000"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.budget; }},
    {"meta.activations", word,
     "what a block of the model makes on the way forward: keep it for the way back; or recompute it there, with room for "
     "one block's at a time. Takes time, never changes a result",
     "model.kind", {{"transformer", "keep", {}}}, choices<Activations>(),
     [](Deck& d) { return word_slot(d.meta.activations); }},
    {"meta.diverged", word,
     "a task whose loss or meta-gradient is infinite or no number: error, or exclude it from every mean; which ones is "
     "said and stored",
     "", {{"", "error", {}}}, choices<Diverged>(),
     [](Deck& d) { return word_slot(d.meta.diverged); }},
    {"meta.engine", word,
     "episode: a task in one launch, for small ones; general: an operator a launch; auto: "
     "episode where it can and keeps little; the same numbers but for rounding, which tfloat32 and bfloat16 do in different places (precision)",
     "", {{"", "auto", {}}}, choices<EngineKind>(),
     [](Deck& d) { return word_slot(d.meta.engine); }},
    {"meta.tasks", count,
     "tasks that a meta-gradient is the mean of",
     "", {{"", "16", {"1", "1000000"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.tasks; }},
    {"meta.batch", count,
     "tasks computed at a time, 0: all; takes memory, never changes a result",
     "", {{"", "0", {"0", "1000000"}}}, {},
     [](Deck& d) -> Slot { return &d.meta.batch; }},

    {"outer.steps", count,
     "updates of the initial parameters; 0 computes one meta-gradient and updates nothing",
     "", {{"", "0", {"0", "1000000000"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.steps; }},
    {"outer.optimizer", word,
     "rule of these updates",
     "", {{"", "adam", {}}}, choices<OuterOptimizer>(),
     [](Deck& d) { return word_slot(d.outer.optimizer); }},
    {"outer.rate", number,
     "learning rate of these updates",
     "", {{"", "0.001", {"0", "1e6"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.rate; }},
    {"outer.beta1", number,
     "decay of Adam's mean of gradients",
     "outer.optimizer", {{"adam", "0.9", {"0", "<1"}}, {"adamw", "0.9", {"0", "<1"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.beta1; }},
    {"outer.beta2", number,
     "decay of Adam's mean of squared gradients",
     "outer.optimizer", {{"adam", "0.999", {"0", "<1"}}, {"adamw", "0.999", {"0", "<1"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.beta2; }},
    {"outer.epsilon", number,
     "added to Adam's root of the mean square",
     "outer.optimizer", {{"adam", "1e-8", {">0", "1"}}, {"adamw", "1e-8", {">0", "1"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.epsilon; }},
    {"outer.weight_decay", number,
     "share of a parameter that AdamW takes away a step, times the rate",
     "outer.optimizer", {{"adamw", "0.01", {"0", "1e6"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.weight_decay; }},
    {"outer.clip", number,
     "largest norm of a meta-gradient; a longer one is shortened to it; 0: none is",
     "", {{"", "0", {"0", "1e30"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.clip; }},
    {"outer.schedule", word,
     "course of outer.rate after the warm-up: constant, or down to 0 after the last step by a cosine",
     "", {{"", "constant", {}}}, choices<Schedule>(),
     [](Deck& d) { return word_slot(d.outer.schedule); }},
    {"outer.warmup", count,
     "first outer steps, over which the rate rises from 0 in equal parts",
     "", {{"", "0", {"0", "1000000000"}}}, {},
     [](Deck& d) -> Slot { return &d.outer.warmup; }},

    {"evaluation.tasks", count,
     "held-out tasks that each evaluation adapts to; 0: no evaluation",
     "", {{"", "0", {"0", "1000000"}}}, {},
     [](Deck& d) -> Slot { return &d.evaluation.tasks; }},
    {"evaluation.every", count,
     "outer steps between evaluations; 0: only before the first and after the last",
     "", {{"", "0", {"0", "1000000000"}}}, {},
     [](Deck& d) -> Slot { return &d.evaluation.every; }},

    {"output.file", text,
     "result file; empty: the deck's name with .h5, in the working folder",
     "", {{"", "", {"0", "4096"}}}, {},
     [](Deck& d) -> Slot { return &d.output.file; }},
    {"output.record", boolean,
     "store the last meta-gradient, its episodes, and parameters before and after adaptation; always "
     "done with outer.steps: 0",
     "", {{"", "false", {}}}, {},
     [](Deck& d) -> Slot { return &d.output.record; }},

    {"notes", text,
     "anything; stored with the result",
     "", {{"", "", {"0", "65536"}}}, {},
     [](Deck& d) -> Slot { return &d.notes; }},
  };
}
// clang-format on

}  // namespace

const KeyRule* KeySchema::rule(std::string_view selected) const {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const KeyRule& candidate) {
    return candidate.when.empty() || candidate.when == selected;
  });
  return found == rules.end() ? nullptr : &*found;
}

std::span<const KeySchema> schema() {
  static const std::vector<KeySchema> table = make_schema();
  return table;
}

std::string_view selected_word(const KeySchema& entry, const Deck& deck) {
  if (entry.selector.empty()) return {};
  const KeySchema& selector = *find_key(entry.selector);
  Deck copy = deck;
  const Slot slot = selector.slot(copy);
  return selector.choices[static_cast<std::size_t>(std::get<WordSlot>(slot).get())];
}

const KeySchema* find_key(std::string_view key) {
  const auto table = schema();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const KeySchema& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

bool is_section(std::string_view name) {
  const auto table = schema();
  return std::any_of(table.begin(), table.end(), [&](const KeySchema& entry) {
    return entry.key.size() > name.size() && entry.key.starts_with(name) &&
           entry.key[name.size()] == '.';
  });
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/error.hpp"

namespace theria {

enum class Precision { float64, float32, tfloat32, bfloat16, float16 };
enum class Backend { automatic, openmp, cuda };
enum class TaskKind {
  sequence_classification,
  digits,
  file,
  sinusoid,
  linear_regression,
  quadratic,
  regression_file
};
enum class ModelKind { tiny_attention, transformer, mlp, linear };
enum class AttentionKind { softmax, linear };
enum class Readout { first, last, mean };
enum class MetaMode { full, first_order, first_order_strict, truncated, hybrid, reptile, implicit };
enum class Unconverged { error, keep };
enum class Diverged { error, exclude };
enum class Store { all, sqrt, budget };
enum class Activations { keep, recompute };
enum class InnerOptimizer { sgd, momentum, adam };
enum class InnerParameters { all, head };
enum class InnerRates { fixed, learned };
enum class EngineKind { automatic, episode, general };
enum class OuterOptimizer { sgd, adam, adamw };
enum class Schedule { constant, cosine };

// The meaning, default and limits of every member are in the one table of src/deck/schema.cpp,
// which `theria schema` prints; default_deck() gives a deck filled from it.

struct TaskDeck {
  TaskKind kind{};
  int tokens{}, features{}, classes{}, support{}, query{};  // 0 of a file's: as in the file
  int signals{};
  double noise_std{};
  std::string file;
  bool operator==(const TaskDeck&) const = default;
};

struct ModelDeck {
  ModelKind kind{};
  int width{};
  int layers{}, heads{};
  bool causal{};
  AttentionKind attention{};
  Readout readout{};  // transformer: what of a sequence the head reads
  std::string initial;
  bool operator==(const ModelDeck&) const = default;
};

struct InnerDeck {
  int steps{};
  double rate{};
  InnerOptimizer optimizer{};
  double momentum{};
  double beta1{}, beta2{}, epsilon{};
  InnerParameters parameters{};
  InnerRates rates{};  // learned: one a parameter, by the outer loop
  double proximal{};   // ρ of ρ/2 ‖θ − θ_0‖², added to the support loss
  bool operator==(const InnerDeck&) const = default;
};

struct MetaDeck {
  MetaMode mode{};
  int last{};          // truncated: inner steps that are swept
  int every{};         // hybrid: outer steps from one full meta-gradient to the next
  double tolerance{};  // implicit: of the residual of conjugate gradients
  int iterations{};    // implicit: at most
  Unconverged unconverged{};
  Store store{};              // of the inner steps
  int budget{};               // of Store::budget, MiB a launch
  Activations activations{};  // of a transformer's blocks
  Diverged diverged{};        // a task whose loss or meta-gradient is not finite
  EngineKind engine{};
  int tasks{};
  int batch{};  // tasks a launch, 0: all; results do not depend on it
  bool operator==(const MetaDeck&) const = default;
};

struct OuterDeck {
  int steps{};
  OuterOptimizer optimizer{};
  double rate{};
  double beta1{}, beta2{}, epsilon{};
  double weight_decay{};
  double clip{};  // largest norm of a meta-gradient, 0: none
  Schedule schedule{};
  int warmup{};  // steps
  bool operator==(const OuterDeck&) const = default;
};

struct EvaluationDeck {
  int tasks{};  // held out
  int every{};  // outer steps between evaluations, 0: at the start and the end only
  bool operator==(const EvaluationDeck&) const = default;
};

struct OutputDeck {
  std::string file;
  bool record{};
  bool operator==(const OutputDeck&) const = default;
};

struct Deck {
  std::uint64_t seed{};
  Precision precision{};
  Backend backend{};
  TaskDeck task;
  ModelDeck model;
  InnerDeck inner;
  MetaDeck meta;
  OuterDeck outer;
  EvaluationDeck evaluation;
  OutputDeck output;
  std::string notes;
  bool operator==(const Deck&) const = default;
};

/// A deck as it came: `path` as the user wrote it, `text` byte for byte.
struct DeckSource {
  std::string path;
  std::string text;
};

/// One thing wrong with a deck. `place` is "deck.yaml:12:7" or "--set 'inner.stpes=3'".
struct Fault {
  std::string place;
  std::string message;
};

/// Every fault of a deck; what() has one a line, `deck.yaml:12:7: unknown key …`, in the deck's
/// order.
struct DeckError : UserError {
  explicit DeckError(std::vector<Fault> all);
  std::vector<Fault> faults;
};

/// Reads the file's bytes. Throws DeckError for a missing, unreadable or oversized file.
DeckSource load_deck(const std::string& path);

/// Reads, checks and fills in defaults. `overrides` are "key=value" words; each replaces the value
/// the deck gives, or stands for it where the deck is silent. Throws DeckError with all faults at
/// once.
Deck parse_deck(const DeckSource& source, const std::vector<std::string>& overrides = {});

/// parse_deck(load_deck(path), overrides).
Deck read_deck(const std::string& path, const std::vector<std::string>& overrides = {});

/// The deck with every default of the schema for this kind of task.
Deck default_deck(TaskKind kind);

/// Whether its episodes have targets to predict, not classes.
constexpr bool is_regression(TaskKind kind) {
  return kind == TaskKind::sinusoid || kind == TaskKind::linear_regression ||
         kind == TaskKind::quadratic || kind == TaskKind::regression_file;
}

/// Whether its episodes are those of a file, of classes or of targets.
constexpr bool reads_episodes(TaskKind kind) {
  return kind == TaskKind::file || kind == TaskKind::regression_file;
}

/// YAML with every key that the deck's kinds use, and its value. It is a deck: reading it gives an
/// equal Deck, and running it the same numbers.
std::string effective_deck(const Deck& deck);

/// The deck's own words for its choices: "float64", "auto", "digits", "first_order", …
std::string_view word_of(Precision value);
std::string_view word_of(Backend value);
std::string_view word_of(TaskKind value);
std::string_view word_of(ModelKind value);
std::string_view word_of(AttentionKind value);
std::string_view word_of(Readout value);
std::string_view word_of(MetaMode value);
std::string_view word_of(Unconverged value);
std::string_view word_of(Diverged value);
std::string_view word_of(Store value);
std::string_view word_of(Activations value);
std::string_view word_of(EngineKind value);
std::string_view word_of(InnerOptimizer value);
std::string_view word_of(InnerParameters value);
std::string_view word_of(InnerRates value);
std::string_view word_of(OuterOptimizer value);
std::string_view word_of(Schedule value);

}  // namespace theria

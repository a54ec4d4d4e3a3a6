// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>

#include "src/apply/operators.hpp"
#include "src/cli/choices.hpp"
#include "src/cli/help.hpp"
#include "src/core/error.hpp"
#include "src/deck/scalar.hpp"

namespace theria {

namespace {

SdpaShape preset_named(const std::string& word) {
  std::vector<std::string_view> names;
  for (const NamedShape& preset : bench_shapes()) {
    if (preset.name == word) return preset.shape;
    names.push_back(preset.name);
  }
  throw CLI::ValidationError(
      fmt::format("\"{}\" is none of the presets {}", word, fmt::join(names, ", ")));
}

/// "4,16,2048,2048,64"
SdpaShape shape_of(const std::string& word) {
  const auto wrong = [&] {
    return CLI::ValidationError(fmt::format(
        "\"{}\" is no shape; accepted: five whole numbers B,H,Tq,Tk,D from 1 on, D at most 256",
        word));
  };
  SdpaShape shape{};
  std::vector<std::string> parts(1);
  for (const char c : word) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  if (parts.size() != shape.size()) throw wrong();
  for (std::size_t n = 0; n < parts.size(); ++n) {
    const std::string& digits = parts[n];
    if (digits.empty() || digits.size() > 9 ||
        digits.find_first_not_of("0123456789") != std::string::npos)
      throw wrong();
    shape[n] = std::stoll(digits);
    if (shape[n] < 1) throw wrong();
  }
  if (shape.back() > 256) throw wrong();
  return shape;
}

SdpaOperator operator_of(const std::string& word) {
  try {
    return operator_named("sdpa." + word);
  } catch (const UserError&) {
    throw CLI::ValidationError(
        fmt::format("\"{}\" is none of forward, vjp, jvp, hvp, jvp_vjp", word));
  }
}

/// An option that takes several words, each read by `read`, into `values`.
template <class Value>
void add_list(CLI::App& app, const std::string& name, std::vector<Value>& values,
              Value (*read)(const std::string&), const std::string& meaning,
              const std::string& type) {
  app.add_option_function<std::vector<std::string>>(
         name,
         [&values, read](const std::vector<std::string>& words) {
           for (const std::string& word : words) values.push_back(read(word));
         },
         meaning)
      ->type_name(type);
}

void add_seconds(CLI::App& app, double& seconds) {
  const auto read = [&seconds](const std::string& word) {
    const auto number = parse_number(word, Limits{.low = "0.01", .high = "600"});
    if (!number.value) throw CLI::ValidationError("--seconds " + number.reason);
    seconds = *number.value;
  };
  app.add_option_function<std::string>("--seconds", read,
                                       "How long to measure a cell, 0.01 to 600 (default 0.5)")
      ->type_name("NUMBER");
}

/// What every family takes.
template <class Options>
void add_common(CLI::App& app, Options& options) {
  add_list(app, "--precision", options.precisions, choice_named<Precision>,
           "Types (default float32, or the deck's)",
           fmt::format("{}", fmt::join(words_of<Precision>, "|")));
  add_choice<Backend>(
      app, "--backend", [&](Backend b) { options.backend = b; },
      "Where to compute (default auto, or the deck's)");
  add_seconds(app, options.seconds);
  app.add_option("--json", options.json, "Also write one JSON object a line to this file")
      ->check(file_name());
  app.add_flag("--overwrite", options.overwrite, "Replace that file if it exists");
}

void add_sdpa(CLI::App& bench, BenchSdpaOptions& options) {
  CLI::App& sdpa = *bench.add_subcommand("sdpa", "The operators of attention");
  sdpa.footer(help::bench_sdpa);
  add_list(sdpa, "--preset", options.shapes, preset_named, "Shapes by name (default large)",
           "small|medium|large|x2k|x4k");
  add_list(sdpa, "--shape", options.shapes, shape_of, "Other shapes", "B,H,Tq,Tk,D");
  add_list(sdpa, "--op", options.operations, operator_of, "Operators (default forward vjp jvp hvp)",
           "forward|vjp|jvp|hvp|jvp_vjp");
  sdpa.add_flag("--causal", options.causal, "With the causal mask");
  add_common(sdpa, options);
}

MetaMode timed_mode(const std::string& word) {
  if (word == "full") return MetaMode::full;
  if (word == "first_order") return MetaMode::first_order;
  throw CLI::ValidationError(fmt::format("\"{}\" is none of full, first_order", word));
}

void add_meta(CLI::App& bench, BenchMetaOptions& options) {
  CLI::App& meta = *bench.add_subcommand("meta", "Meta-gradients, of TinyAttention or a deck's");
  meta.footer(help::bench_meta);
  const auto within = [](int low, int high) { return CLI::Range(low, high); };
  CLI::Option* deck =
      meta.add_option("--deck", options.deck, "A deck whose meta-gradient to time, of any model")
          ->type_name("DECK");
  meta.add_option("--tasks", options.tasks, "Tasks of a meta-gradient (default 256, or the deck's)")
      ->check(within(1, 1000000))
      ->type_name("N");
  meta.add_option("--steps", options.steps, "Inner steps (default 5, or the deck's)")
      ->check(within(0, 1000))
      ->type_name("K");
  add_list(meta, "--mode", options.modes, timed_mode, "Modes (default full, or the deck's)",
           "full|first_order");
  meta.add_option("--tokens", options.tokens, "Tokens of a sequence (default 32)")
      ->excludes(deck)
      ->check(within(5, 65536))
      ->type_name("T");
  meta.add_option("--width", options.width, "Width of model and tokens (default 64)")
      ->excludes(deck)
      ->check(within(1, 256))
      ->type_name("D");
  add_choice<EngineKind>(
      meta, "--engine", [&](EngineKind e) { options.engine = e; },
      "Engine (default auto, or the deck's)");
  add_common(meta, options);
}

}  // namespace

void add_bench(CLI::App& program, BenchSdpaOptions& sdpa, BenchMetaOptions& meta) {
  CLI::App& bench =
      *program.add_subcommand("bench", "Measure speed, and the error of the measured run");
  bench.footer(help::bench);
  bench.require_subcommand(1);
  add_sdpa(bench, sdpa);
  add_meta(bench, meta);
}

}  // namespace theria

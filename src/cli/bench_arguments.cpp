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

}  // namespace

void add_bench(CLI::App& program, BenchOptions& options) {
  CLI::App& bench = *program.add_subcommand(
      "bench", "Measure the speed of an operator, and the error of the measured run");
  bench.footer(help::bench);
  bench.add_option("FAMILY", options.family, "sdpa")->required()->check(CLI::IsMember({"sdpa"}));
  add_list(bench, "--preset", options.shapes, preset_named, "Shapes by name (default large)",
           "small|medium|large|x2k|x4k");
  add_list(bench, "--shape", options.shapes, shape_of, "Other shapes", "B,H,Tq,Tk,D");
  add_list(bench, "--op", options.operations, operator_of,
           "Operators (default forward vjp jvp hvp)", "forward|vjp|jvp|hvp|jvp_vjp");
  add_list(bench, "--precision", options.precisions, choice_named<Precision>,
           "Types (default float32)", fmt::format("{}", fmt::join(words_of<Precision>, "|")));
  bench.add_flag("--causal", options.causal, "With the causal mask");
  add_choice<Backend>(
      bench, "--backend", [&](Backend b) { options.backend = b; },
      "Where to compute (default auto)");
  const auto read_seconds = [&](const std::string& word) {
    const auto number = parse_number(word, Limits{.low = "0.01", .high = "600"});
    if (!number.value) throw CLI::ValidationError("--seconds " + number.reason);
    options.seconds = *number.value;
  };
  bench
      .add_option_function<std::string>("--seconds", read_seconds,
                                        "How long to measure a cell, 0.01 to 600 (default 0.5)")
      ->type_name("NUMBER");
  bench.add_option("--json", options.json, "Also write one JSON object a line to this file")
      ->check(file_name());
  bench.add_flag("--overwrite", options.overwrite, "Replace that file if it exists");
}

}  // namespace theria

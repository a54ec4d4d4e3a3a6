// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/cli/choices.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/deck/scalar.hpp"
#include "src/deck/suggest.hpp"
#include "src/deck/text.hpp"

namespace theria {

namespace {

/// Every option struct, filled by CLI11 whichever subcommand is named.
struct AllOptions {
  RunOptions run;
  CheckOptions check;
  ApplyOptions apply;
  BenchSdpaOptions bench_sdpa;
  BenchMetaOptions bench_meta;
  InfoOptions info;
  SchemaOptions schema;
};

void add_run(CLI::App& program, RunOptions& options) {
  CLI::App& run = *program.add_subcommand("run", "Run a deck and write its result file");
  run.footer(help::run);
  run.add_option("DECK", options.deck, "What to run: a YAML file; `theria schema` lists its keys")
      ->required()
      ->check(file_name());
  run.add_option("--set", options.overrides, "Set a key of the deck; may be given many times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  run.add_option("-o,--output", options.output, "Result file, before the deck's output.file")
      ->check(file_name());
  run.add_flag("--overwrite", options.overwrite, "Replace the result file if it exists");
  add_choice<Backend>(
      run, "--backend", [&](Backend b) { options.backend = b; },
      "Where to run, before the deck's backend");
  auto* dry_run = run.add_flag("--dry-run", options.dry_run,
                               "Check everything, print plan and memory, and stop");
  add_choice<Backend>(
      run, "--for", [&](Backend b) { options.dry_run_for = b; },
      "Plan for this backend, though this machine may not have it")
      ->needs(dry_run);
}

void add_check(CLI::App& program, CheckOptions& options) {
  CLI::App& check =
      *program.add_subcommand("check", "Test every operator against its contract on this machine");
  check.footer(help::check);
  check.add_flag("--accuracy", options.accuracy,
                 "Print what each type loses on numbers with outliers, instead of the contract");
  add_choice<Backend>(
      check, "--backend", [&](Backend b) { options.backend = b; },
      "Only this backend; otherwise every usable one");
}

void add_apply(CLI::App& program, ApplyOptions& options) {
  CLI::App& apply =
      *program.add_subcommand("apply", "Apply one operator to tensors of an HDF5 file");
  apply.footer(help::apply);
  apply
      .add_option("OPERATOR", options.operation,
                  "sdpa.forward, sdpa.vjp, sdpa.jvp, sdpa.hvp or sdpa.jvp_vjp")
      ->required();
  apply.add_option("--input", options.input, "HDF5 file of the tensors")
      ->required()
      ->check(file_name());
  apply.add_option("--output", options.output, "HDF5 file to write")
      ->required()
      ->check(file_name());
  apply.add_flag("--overwrite", options.overwrite, "Replace the output file if it exists");
  add_choice<Precision>(
      apply, "--precision", [&](Precision p) { options.precision = p; },
      "Floating-point type computed in (default float64)");
  apply.add_flag("--causal", options.causal, "Row i sees keys j <= i + Tk - Tq only");
  const auto read_scale = [&](const std::string& word) {
    const auto number = parse_number(word, {});
    if (!number.value) throw CLI::ValidationError("--scale " + number.reason);
    options.scale = *number.value;
  };
  apply
      .add_option_function<std::string>("--scale", read_scale,
                                        "Factor of Q K^T (default 1/sqrt(D))")
      ->type_name("NUMBER");
  add_choice<Backend>(
      apply, "--backend", [&](Backend b) { options.backend = b; },
      "Where to compute (default auto)");
}

void add_info(CLI::App& program, InfoOptions& options) {
  CLI::App& info =
      *program.add_subcommand("info", "Tell what this program is, or what a result file holds");
  info.footer(help::info);
  info.add_option("FILE", options.file, "A result file")->check(file_name());
}

void add_schema(CLI::App& program, SchemaOptions& options) {
  CLI::App& schema =
      *program.add_subcommand("schema", "List every deck key: type, default, limits, meaning");
  schema.footer(help::schema);
  schema.add_flag("--markdown", options.markdown, "As the table of the deck reference");
}

/// `--set a=1 b=2` as `--set a=1 --set b=2`: a list that ran on would swallow the deck's name.
std::vector<std::string> spread_sets(const std::vector<std::string>& words) {
  std::vector<std::string> spread;
  for (std::size_t w = 0; w < words.size(); ++w) {
    spread.push_back(words[w]);
    if (words[w] != "--set" || w + 1 == words.size()) continue;
    spread.push_back(words[++w]);
    while (w + 1 < words.size() && !words[w + 1].starts_with('-') &&
           words[w + 1].find('=') != std::string::npos) {
      spread.insert(spread.end(), {"--set", words[++w]});
    }
  }
  return spread;
}

/// What to say of a first word that names no subcommand; empty where it does, or is an option.
std::string unknown_command(const CLI::App& program, const std::vector<std::string>& words) {
  if (words.empty() || words.front().starts_with('-')) return {};
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), words.front()) != names.end()) return {};
  const std::vector<std::string_view> known(names.begin(), names.end());
  return fmt::format("theria: no command \"{}\"{}; the commands are {}\ntry `theria --help`",
                     shown(words.front()), did_you_mean(words.front(), known),
                     fmt::join(names, ", "));
}

Request chosen(const CLI::App& program, AllOptions& all) {
  if (program.got_subcommand("run")) return std::move(all.run);
  if (program.got_subcommand("check")) return all.check;
  if (program.got_subcommand("apply")) return std::move(all.apply);
  if (program.got_subcommand("bench")) {
    if (program.get_subcommand("bench")->got_subcommand("meta")) return std::move(all.bench_meta);
    return std::move(all.bench_sdpa);
  }
  if (program.got_subcommand("info")) return std::move(all.info);
  if (program.got_subcommand("schema")) return all.schema;
  return Answer{program.help(), ExitCode::usage};
}

}  // namespace

Request parse_command_line(const std::vector<std::string>& words) {
  AllOptions all;
  CLI::App program(help::program, "theria");
  program.footer(help::program_end);
  program.set_help_flag("-h,--help", "Print this help and stop");
  program.set_version_flag("--version", help::version(), "Print the version and stop");
  program.require_subcommand(0, 1);
  add_run(program, all.run);
  add_check(program, all.check);
  add_apply(program, all.apply);
  add_bench(program, all.bench_sdpa, all.bench_meta);
  add_info(program, all.info);
  add_schema(program, all.schema);

  const std::string unknown = unknown_command(program, words);
  if (!unknown.empty()) return Answer{unknown, ExitCode::usage};
  std::vector<std::string> arguments = spread_sets(words);
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    program.parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::ostringstream answer;
    program.exit(error, answer, answer);
    if (error.get_exit_code() == 0) return Answer{answer.str(), ExitCode::done};
    std::string command;
    for (auto named = program.get_subcommands(); !named.empty();
         named = named.front()->get_subcommands())
      command += " " + named.front()->get_name();
    return Answer{fmt::format("theria{0}: {1}\ntry `theria{0} --help`", command, error.what()),
                  ExitCode::usage};
  }
  return chosen(program, all);
}

}  // namespace theria

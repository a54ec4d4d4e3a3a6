// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/bench/bench_sdpa.hpp"
#include "src/deck/deck.hpp"

namespace theria {

// What a command line asks for, one struct a subcommand.

struct RunOptions {
  std::string deck;
  std::vector<std::string> overrides;  // "key=value"
  std::string output;                  // empty: the deck's choice
  bool overwrite = false;
  std::optional<Backend> backend;  // before the deck's
  bool dry_run = false;
  std::optional<Backend> dry_run_for;
};

struct CheckOptions {
  std::optional<Backend> backend;  // none: every usable one
  bool accuracy = false;           // the table of losses instead of the contract's
};

struct ApplyOptions {
  std::string operation;  // "sdpa.hvp"
  std::string input, output;
  bool overwrite = false;
  Precision precision = Precision::float64;
  Backend backend = Backend::automatic;
  bool causal = false;
  std::optional<double> scale;
};

struct BenchSdpaOptions {
  std::vector<SdpaShape> shapes;
  std::vector<SdpaOperator> operations;
  std::vector<Precision> precisions;
  Backend backend = Backend::automatic;
  bool causal = false;
  double seconds = 0.5;  // of measuring, a cell
  std::string json;      // empty: none
  bool overwrite = false;
};

struct BenchMetaOptions {
  std::vector<int> tasks, steps;
  std::vector<MetaMode> modes;
  std::vector<Precision> precisions;
  Backend backend = Backend::automatic;
  std::optional<EngineKind> engine;
  std::string deck;  // empty: TinyAttention on the default tasks
  int tokens = 32, width = 64;
  double seconds = 0.5;  // of measuring, a cell
  std::string json;      // empty: none
  bool overwrite = false;
};

struct InfoOptions {
  std::string file;  // empty: of this program
};

struct SchemaOptions {
  bool markdown = false;
};

/// Text that answers the command line by itself: help, the version, or what is wrong with it.
struct Answer {
  std::string text;
  ExitCode code;
};

using Request = std::variant<Answer, RunOptions, CheckOptions, ApplyOptions, BenchSdpaOptions,
                             BenchMetaOptions, InfoOptions, SchemaOptions>;

/// One start of the program.
struct Invocation {
  std::vector<std::string> words;         // all of them, the program's name first
  std::vector<std::string> kokkos_words;  // those for Kokkos
};

/// Reads the command line without its `--kokkos-*` words.
Request parse_command_line(const std::vector<std::string>& words);

int run_command(const RunOptions& options, const Invocation& invocation);
int check_command(const CheckOptions& options, const Invocation& invocation);
int apply_command(const ApplyOptions& options, const Invocation& invocation);
int bench_sdpa_command(const BenchSdpaOptions& options, const Invocation& invocation);
int bench_meta_command(const BenchMetaOptions& options, const Invocation& invocation);
int info_command(const InfoOptions& options);
int schema_command(const SchemaOptions& options);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

#include "src/cli/kokkos_words.hpp"
#include "src/cli/options.hpp"

namespace {

using namespace theria;
using Words = std::vector<std::string>;

template <typename Options>
Options parsed(const Words& words) {
  const Request request = parse_command_line(words);
  REQUIRE(std::holds_alternative<Options>(request));
  return std::get<Options>(request);
}

TEST_CASE("theria run takes a deck, overrides and options in any order") {
  const auto run = parsed<RunOptions>({"run", "--set", "a=1", "deck.yaml", "--output", "out.h5",
                                       "--set", "b=2", "--backend", "openmp", "--overwrite"});
  CHECK(run.deck == "deck.yaml");
  CHECK(run.overrides == Words{"a=1", "b=2"});
  CHECK(run.output == "out.h5");
  CHECK(run.overwrite);
  CHECK(run.backend == Backend::openmp);
  CHECK(!run.dry_run);
}

TEST_CASE("one --set may carry several overrides, and values that look like options") {
  const auto run = parsed<RunOptions>({"run", "deck.yaml", "--set", "a=-1", "b=2", "--dry-run"});
  CHECK(run.overrides == Words{"a=-1", "b=2"});
  CHECK(run.dry_run);
  CHECK(parsed<RunOptions>({"run", "--set=a=1", "deck.yaml"}).overrides == Words{"a=1"});
  CHECK(parsed<RunOptions>({"run", "--set", "notes=a b,c", "--", "x=y.yaml"}).deck == "x=y.yaml");
}

TEST_CASE("theria apply") {
  const auto apply =
      parsed<ApplyOptions>({"apply", "sdpa.hvp", "--input", "a.h5", "--output", "b.h5", "--scale",
                            "-0.5", "--causal", "--precision", "float32"});
  CHECK(apply.operation == "sdpa.hvp");
  CHECK(apply.scale == -0.5);
  CHECK(apply.causal);
  CHECK(apply.precision == Precision::float32);
  const auto plain = parsed<ApplyOptions>({"apply", "sdpa.vjp", "--input", "a", "--output", "b"});
  CHECK(!plain.scale);
  CHECK(plain.precision == Precision::float64);
}

TEST_CASE("theria bench takes several shapes, operators and precisions") {
  const auto bench = parsed<BenchSdpaOptions>(
      {"bench", "sdpa", "--preset", "small", "x2k", "--shape", "1,2,3,4,5", "--op", "forward",
       "jvp_vjp", "--precision", "float64", "--causal", "--seconds", "2"});
  REQUIRE(bench.shapes.size() == 3);
  CHECK(bench.shapes[1] == SdpaShape{4, 16, 2048, 2048, 64});
  CHECK(bench.shapes[2] == SdpaShape{1, 2, 3, 4, 5});
  CHECK(bench.operations == std::vector{SdpaOperator::forward, SdpaOperator::jvp_vjp});
  CHECK(bench.precisions == std::vector{Precision::float64});
  CHECK(bench.causal);
  CHECK(bench.seconds == 2);
}

TEST_CASE("theria bench refuses what is no shape, preset or operator") {
  for (const Words& words :
       {Words{"--shape", "1,2,3,4"}, Words{"--shape", "1,2,3,4,257"}, Words{"--shape", "0,1,1,1,1"},
        Words{"--shape", "1,1,1,1,x"}, Words{"--shape", "1,1,,1,1"}, Words{"--preset", "gigantic"},
        Words{"--op", "backward"}, Words{"--precision", "half"}, Words{"--seconds", "0"}}) {
    Words line{"bench", "sdpa"};
    line.insert(line.end(), words.begin(), words.end());
    CAPTURE(words[1]);
    const Request request = parse_command_line(line);
    REQUIRE(std::holds_alternative<Answer>(request));
    CHECK(std::get<Answer>(request).code == ExitCode::usage);
    CHECK(std::get<Answer>(request).text.find(words[1]) != std::string::npos);
  }
}

TEST_CASE("the smaller subcommands") {
  CHECK(!parsed<CheckOptions>({"check"}).backend);
  CHECK(parsed<CheckOptions>({"check", "--backend", "cuda"}).backend == Backend::cuda);
  CHECK(parsed<InfoOptions>({"info"}).file.empty());
  CHECK(parsed<InfoOptions>({"info", "a.h5"}).file == "a.h5");
  CHECK(parsed<SchemaOptions>({"schema", "--markdown"}).markdown);
}

TEST_CASE("help and version answer with code 0") {
  const Words lines[] = {{"--help"},          {"-h"},
                         {"--version"},       {"run", "--help"},
                         {"check", "--help"}, {"apply", "--help"},
                         {"info", "--help"},  {"schema", "--help"}};
  for (const Words& words : lines) {
    CAPTURE(words.front());
    CHECK(parsed<Answer>(words).code == ExitCode::done);
  }
  for (const char* command : {"run", "check", "apply", "info", "schema"}) {
    CAPTURE(command);
    CHECK(parsed<Answer>({command, "--help"}).text.find("Examples:") != std::string::npos);
  }
}

TEST_CASE("what is wrong with a command line") {
  const struct {
    Words words;
    std::string text;
  } table[] = {
      {{}, "Subcommands:"},
      {{"runn", "deck.yaml"},
       "theria: no command \"runn\" (did you mean \"run\"?); the commands are"},
      {{"--bogus"}, "--bogus"},
      {{"run"}, "theria run: DECK is required"},
      {{"run", "a.yaml", "b.yaml"}, "b.yaml"},
      {{"run", "a.yaml", "--set"}, "--set"},
      {{"run", "a.yaml", "--overwite"}, "--overwite"},
      {{"run", "a.yaml", "--output", "--overwrite"}, "\"--overwrite\" is an option, not a file"},
      {{"run", "a.yaml", "--output", ""}, "a file name must not be empty"},
      {{"run", "a.yaml", "--output", "a", "--output", "b"}, "--output"},
      {{"run", "a.yaml", "--backend", "gpu"}, "\"gpu\" is none of auto, openmp, cuda"},
      {{"run", "a.yaml", "--for", "cuda"}, "--for requires --dry-run"},
      {{"apply"}, "OPERATOR is required"},
      {{"apply", "sdpa.vjp", "--input", "a"}, "--output is required"},
      {{"apply", "sdpa.vjp", "--input", "a", "--output", "b", "--scale", "nan"},
       "--scale must be a finite number, not nan"},
      {{"info", "a", "b"}, "b"},
  };
  for (const auto& [words, text] : table) {
    const Answer answer = parsed<Answer>(words);
    CAPTURE(answer.text);
    CHECK(answer.code == ExitCode::usage);
    CHECK(answer.text.find(text) != std::string::npos);
  }
}

TEST_CASE("Kokkos's words are taken out, wherever they stand before --") {
  Words words = {"--kokkos-num-threads=2", "run", "--kokkos-help", "deck.yaml", "--", "--kokkos-x"};
  CHECK(take_kokkos_words(words) == Words{"--kokkos-num-threads=2", "--kokkos-help"});
  CHECK(words == Words{"run", "deck.yaml", "--", "--kokkos-x"});
}

std::string kokkos_fault(const std::string& word) {
  try {
    check_kokkos_words({word});
  } catch (const UserError& error) {
    return error.what();
  }
  return "no fault";
}

TEST_CASE("words at which Kokkos would abort are refused") {
  for (const char* word : {"--kokkos-num-threads=4", "--kokkos-device-id=0", "--kokkos-help",
                           "--kokkos-map-device-id-by=random", "--kokkos-disable-warnings",
                           "--kokkos-print-configuration=false", "--kokkos-tools-libs=libkp.so"}) {
    CHECK(kokkos_fault(word) == "no fault");
  }
  CHECK(kokkos_fault("--kokkos-num-threads") ==
        "--kokkos-num-threads: write --kokkos-num-threads=VALUE");
  CHECK(kokkos_fault("--kokkos-num-threads=0") ==
        "--kokkos-num-threads=0: the value must be from 1 to 2147483647, not 0");
  CHECK(kokkos_fault("--kokkos-num-threads=two") ==
        "--kokkos-num-threads=two: the value must be a whole number, not \"two\"");
  CHECK(kokkos_fault("--kokkos-map-device-id-by=me") ==
        "--kokkos-map-device-id-by=me: the value must be random or mpi_rank");
  CHECK(kokkos_fault("--kokkos-tune-internals=maybe") ==
        "--kokkos-tune-internals=maybe: the value must be true or false");
  CHECK(kokkos_fault("--kokkos-help=1") == "--kokkos-help=1: --kokkos-help takes no value");
  CHECK(kokkos_fault("--kokkos-num-treads=4") ==
        "Kokkos has no option --kokkos-num-treads (did you mean \"--kokkos-num-threads\"?)");
}

}  // namespace

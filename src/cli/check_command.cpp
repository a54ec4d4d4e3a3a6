// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <vector>

#include "src/check/accuracy.hpp"
#include "src/check/check.hpp"
#include "src/check/properties.hpp"
#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/deck/words.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

namespace {

std::vector<BackendInfo> chosen_backends(const CheckOptions& options) {
  const bool all = !options.backend || *options.backend == Backend::automatic;
  const Backend wanted = all ? Backend::automatic : resolve(*options.backend);
  std::vector<BackendInfo> chosen;
  for (const BackendInfo& info : backends()) {
    if (all ? info.usable : info.backend == wanted) {
      chosen.push_back(info);
    } else if (all) {
      say(fmt::format("{} is left out: {}", word_of(info.backend), info.reason));
    }
  }
  return chosen;
}

/// Prints the table of one backend; returns how many of its lines missed.
int say_rows(const std::vector<CheckRow>& rows) {
  std::vector<std::vector<std::string>> cells = {
      {"operation", "property", "precision", "cases", "worst", "bar", ""}};
  int missed = 0;
  std::string worst_cases;
  for (const CheckRow& row : rows) {
    cells.push_back({row.operation, row.property, row.precision, fmt::format("{}", row.cases),
                     fmt::format("{:.2e}", row.worst), fmt::format("{:.2e}", row.bar),
                     row.passed() ? "ok" : "MISSED"});
    if (row.passed()) continue;
    ++missed;
    worst_cases += fmt::format("missed: {}, {}, {}: worst at {}\n", row.operation, row.property,
                               row.precision, row.worst_case);
  }
  say(table(cells, "<<<>>><"));
  if (missed > 0) say(worst_cases);
  return missed;
}

/// Prints what every type loses, operator by operator.
void say_accuracy(const std::vector<AccuracyRow>& rows) {
  std::vector<std::vector<std::string>> cells = {{"operation"}};
  for (const auto word : words_of<Precision>) cells[0].emplace_back(word);
  cells[0].emplace_back("dense float32");
  for (const AccuracyRow& row : rows) {
    std::vector<std::string> line{operation_name(row.operation)};
    for (const double rmse : row.rmse) line.push_back(fmt::format("{:.1e}", rmse));
    line.push_back(fmt::format("{:.1e}", row.dense_float32));
    cells.push_back(std::move(line));
  }
  say(table(cells, "<>>>>>>"));
}

}  // namespace

int check_command(const CheckOptions& options, const Invocation& invocation) {
  say(help::version());
  const std::vector<BackendInfo> chosen = chosen_backends(options);
  const Runtime runtime(invocation.kokkos_words);
  int missed = 0;
  for (const BackendInfo& info : chosen) {
    say(fmt::format("\nbackend {}: {}", word_of(info.backend), info.device));
    if (options.accuracy) {
      say_accuracy(accuracy(info.backend));
      continue;
    }
    missed += say_rows(check(info.backend));
  }
  if (options.accuracy) {
    say("relative RMSE on N(0,1) + N(0,100) Bernoulli(0.001), worst result; B 1, H 4, T 256, D 64");
    return static_cast<int>(ExitCode::done);
  }
  say(missed == 0 ? "all kept" : fmt::format("{} missed", missed));
  return static_cast<int>(missed == 0 ? ExitCode::done : ExitCode::run_failed);
}

}  // namespace theria

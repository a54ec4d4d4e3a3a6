// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/cli/progress.hpp"
#include "src/cli/summary.hpp"
#include "src/deck/deck.hpp"
#include "src/driver/run.hpp"
#include "src/driver/runtime.hpp"
#include "src/io/result.hpp"

namespace theria {

namespace {

void say_head(const RunOptions& options, const std::string& output) {
  say(help::version());
  say(fmt::format("deck      {}", options.deck));
  for (const std::string& words : options.overrides) say(fmt::format("          with {}", words));
  say(fmt::format("output    {}", output));
}

/// Where the deck runs. An engine that it asks for and that CUDA does not have decides for OpenMP.
Backend resolved_backend(const Deck& deck) {
  if (deck.backend == Backend::automatic && deck.meta.engine == EngineKind::episode)
    return Backend::openmp;
  return resolve(deck.backend);
}

/// What would run, where nothing has to be able to run.
int dry_run(const RunOptions& options, Deck deck, const std::string& output) {
  if (options.dry_run_for) deck.backend = *options.dry_run_for;
  if (deck.backend == Backend::automatic) deck.backend = resolved_backend(deck);
  choose_engine(deck);
  say_head(options, output);
  say(fmt::format("backend   {}", word_of(deck.backend)));
  say(plan_text(deck, plan(deck)));
  if (const std::string shortage = memory_shortage(deck); !shortage.empty())
    warn(fmt::format("theria: warning: {}", shortage));
  say("a dry run: nothing was computed or written; the whole deck:\n");
  say(effective_deck(deck));
  return static_cast<int>(ExitCode::done);
}

RunOutcome run_told(const Deck& deck) {
  Progress progress(standard_output());
  RunListener listener;
  listener.after_step = [&](int step, int steps, const TrainingRow& row) {
    progress.after_step(step, steps, row);
  };
  listener.after_evaluation = [&](const EvaluationRow& row) { progress.after_evaluation(row); };
  try {
    RunOutcome outcome = run(deck, listener);
    progress.finish();
    return outcome;
  } catch (...) {
    progress.finish();
    throw;
  }
}

}  // namespace

int run_command(const RunOptions& options, const Invocation& invocation) {
  const auto start = std::chrono::steady_clock::now();
  const std::string time_start = utc_now();
  const DeckSource source = load_deck(options.deck);
  auto [deck, places] = parse_placed_deck(source, options.overrides);
  if (options.backend) deck.backend = *options.backend;
  deck = resolve_files(deck, places);
  const std::string wanted =
      choose_output_path(deck, options.output, options.deck, options.overwrite);
  if (options.dry_run) {
    take_threads(invocation.kokkos_words);
    return dry_run(options, deck, wanted);
  }

  deck.backend = resolved_backend(deck);
  choose_engine(deck);  // throws before anything is said or computed
  const Runtime runtime(invocation.kokkos_words);
  say_head(options, wanted);
  for (const BackendInfo& info : backends()) {
    if (info.backend == deck.backend)
      say(fmt::format("backend   {}: {}", word_of(info.backend), info.device));
  }
  say(fmt::format("threads   {}", host_threads()));
  say(plan_text(deck, plan(deck)));

  ResultFile result{};
  result.outcome = run_told(deck);
  say(summary_text(result.outcome));
  result.deck_raw = source.text;
  result.deck_effective = effective_deck(result.outcome.deck);
  result.deck_path = options.deck;
  for (const std::string& words : options.overrides) result.overrides += words + '\n';
  result.command_line = shell_words(invocation.words);
  result.time_start = time_start;
  result.time_end = utc_now();
  result.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string written = write_result(result, wanted, options.overwrite);
  say(fmt::format("wrote {} after {:.1f} s", written, result.wall_seconds));
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

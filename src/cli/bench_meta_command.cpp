// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <vector>

#include "src/bench/bench_meta.hpp"
#include "src/cli/bench_output.hpp"
#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/deck/places.hpp"
#include "src/driver/run.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

namespace {

std::string json_line(const Deck& deck, const MetaBenchResult& r, const std::string& device) {
  return fmt::format(
      R"({{"tasks":{},"steps":{},"mode":"{}","precision":"{}","backend":"{}","device":"{}",)"
      R"("engine":"{}","threads":{},"task":"{}","model":"{}","tokens":{},"width":{},"ms":{:.6g},)"
      R"("ms_lower":{:.6g},"ms_upper":{:.6g},"samples":{},"first_ms":{:.6g},"tasks_per_s":{:.6g},)"
      R"("gflops":{},"error":{},"compared":{},"extra_bytes":{},"version":"{}"}})"
      "\n",
      deck.meta.tasks, deck.inner.steps, word_of(deck.meta.mode), word_of(deck.precision),
      word_of(deck.backend), device, word_of(r.engine.kind), host_threads(),
      word_of(deck.task.kind), word_of(deck.model.kind), deck.task.tokens, deck.model.width,
      r.ms.median, r.ms.lower, r.ms.upper, r.ms.samples, r.first_ms,
      1e3 * deck.meta.tasks / r.ms.median, r.gflops ? fmt::format("{:.6g}", *r.gflops) : "null",
      json_error(r.error), r.compared, r.extra_bytes, help::version());
}

/// A row of the table; it is printed as soon as it is known.
struct Cells {
  std::string tasks, steps, mode, precision, engine, ms, quartiles, first, rate, gflops, extra,
      error;

  std::string line() const {
    return fmt::format("{:>6} {:>5} {:<11} {:<9} {:<8} {:>9} {:>17} {:>9} {:>9} {:>8} {:>9} {:>8}",
                       tasks, steps, mode, precision, engine, ms, quartiles, first, rate, gflops,
                       extra, error);
  }
};

Cells cells_of(const Deck& deck, const MetaBenchResult& r) {
  return {.tasks = fmt::format("{}", deck.meta.tasks),
          .steps = fmt::format("{}", deck.inner.steps),
          .mode = std::string(word_of(deck.meta.mode)),
          .precision = std::string(word_of(deck.precision)),
          .engine = std::string(word_of(r.engine.kind)),
          .ms = fmt::format("{:.4g}", r.ms.median),
          .quartiles = fmt::format("{:.4g}-{:.4g}", r.ms.lower, r.ms.upper),
          .first = fmt::format("{:.4g}", r.first_ms),
          .rate = fmt::format("{:.0f}", 1e3 * deck.meta.tasks / r.ms.median),
          .gflops = r.gflops ? fmt::format("{:.4g}", *r.gflops) : "-",
          .extra = fmt::format("{:.1f}", static_cast<double>(r.extra_bytes) / (1 << 20)),
          .error = r.error ? fmt::format("{:.1e}", *r.error) : "-"};
}

/// The deck that the options vary: the user's, or TinyAttention on the default tasks.
Deck base_deck(const BenchMetaOptions& options) {
  if (!options.deck.empty()) {
    auto [deck, places] = parse_placed_deck(load_deck(options.deck), {});
    deck = resolve_files(deck, places);
    deck.meta.batch = 0;
    return deck;
  }
  Deck deck = default_deck(TaskKind::sequence_classification);
  deck.precision = Precision::float32;
  deck.meta.tasks = 256;
  deck.task.tokens = options.tokens;
  deck.task.features = deck.model.width = options.width;
  return deck;
}

}  // namespace

int bench_meta_command(const BenchMetaOptions& options, const Invocation& invocation) {
  const BenchStart start(options.backend, options.json, options.overwrite, invocation);
  say(fmt::format("threads   {}", host_threads()));

  Deck deck = base_deck(options);
  deck.backend = start.backend;
  if (options.engine) deck.meta.engine = *options.engine;
  std::vector<Deck> decks;
  for (const int tasks : or_else(options.tasks, {deck.meta.tasks}))
    for (const int steps : or_else(options.steps, {deck.inner.steps}))
      for (const MetaMode mode : or_else(options.modes, {deck.meta.mode}))
        for (const Precision precision : or_else(options.precisions, {deck.precision})) {
          deck.meta.tasks = tasks;
          deck.inner.steps = steps;
          deck.meta.mode = mode;
          deck.precision = precision;
          check_meta_bench(deck);
          decks.push_back(deck);
        }
  say(Cells{"tasks", "steps", "mode", "precision", "engine", "ms", "quartiles", "first ms",
            "tasks/s", "GFLOP/s", "extra MiB", "error"}
          .line());
  std::string lines;
  for (const Deck& cell : decks) {
    const MetaBenchResult r = bench_meta(cell, options.seconds);
    say(cells_of(cell, r).line());
    lines += json_line(cell, r, start.device);
  }
  say("ms: the mean meta-gradient of all tasks, episodes in place; first ms: the first one, with "
      "all\n"
      "that is allocated. GFLOP/s counts the doubly absorbed form, whatever is executed. error: of "
      "the\ntimed run against the general engine in float64 (itself: against the episode engine), "
      "the mean "
      "of\nthe first 16 tasks, or of the first one of a model that is not tiny_attention.");
  if (!options.json.empty()) write_lines(options.json, options.overwrite, lines);
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "src/bench/bench_meta.hpp"
#include "src/cli/bench_output.hpp"
#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/core/error.hpp"
#include "src/deck/places.hpp"
#include "src/driver/run.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

namespace {

std::string number_or_null(const std::optional<double>& x) {
  return x ? fmt::format("{:.6g}", *x) : "null";
}

/// Of what the device does at best.
std::optional<double> share(const std::optional<double>& x, double peak) {
  if (!x) return x;
  return *x / peak;
}

std::string json_line(const Deck& deck, const MetaBenchResult& r, const Peak& peak,
                      const std::string& device) {
  return fmt::format(
      R"({{"tasks":{},"steps":{},"mode":"{}","precision":"{}","backend":"{}","device":"{}",)"
      R"("engine":"{}","threads":{},"task":"{}","model":"{}","tokens":{},"width":{},"ms":{:.6g},)"
      R"("ms_lower":{:.6g},"ms_upper":{:.6g},"samples":{},"first_ms":{:.6g},"tasks_per_s":{:.6g},)"
      R"("gflops":{},"flops_share":{},"gb_per_s":{},"bandwidth_share":{},"peak_gflops":{:.6g},)"
      R"("peak_gb_per_s":{:.6g},"error":{},"compared":{},"extra_bytes":{},"version":"{}"}})"
      "\n",
      deck.meta.tasks, deck.inner.steps, word_of(deck.meta.mode), word_of(deck.precision),
      word_of(deck.backend), device, word_of(r.engine.kind), host_threads(),
      word_of(deck.task.kind), word_of(deck.model.kind), deck.task.tokens, deck.model.width,
      r.ms.median, r.ms.lower, r.ms.upper, r.ms.samples, r.first_ms,
      1e3 * deck.meta.tasks / r.ms.median, number_or_null(r.gflops),
      number_or_null(share(r.gflops, peak.gflops)), number_or_null(r.gigabytes_s),
      number_or_null(share(r.gigabytes_s, peak.gigabytes_s)), peak.gflops, peak.gigabytes_s,
      json_error(r.error), r.compared, r.extra_bytes, help::version());
}

/// A row of the table; it is printed as soon as it is known.
struct MetaCells {
  std::string tasks, steps, mode, precision, engine, ms, quartiles, first, rate, gflops, flops,
      bandwidth, extra, error;

  std::string line() const {
    return fmt::format(
        "{:>6} {:>5} {:<11} {:<9} {:<8} {:>9} {:>17} {:>9} {:>9} {:>8} {:>6} {:>6} {:>9} {:>8}",
        tasks, steps, mode, precision, engine, ms, quartiles, first, rate, gflops, flops, bandwidth,
        extra, error);
  }
};

MetaCells cells_of(const Deck& deck, const MetaBenchResult& r, const Peak& peak) {
  const auto percent = [](const std::optional<double>& x, double most) {
    const auto part = share(x, most);
    return part ? fmt::format("{:.0f} %", 100 * *part) : "-";
  };
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
          .flops = percent(r.gflops, peak.gflops),
          .bandwidth = percent(r.gigabytes_s, peak.gigabytes_s),
          .extra = fmt::format("{:.1f}", static_cast<double>(r.extra_bytes) / (1 << 20)),
          .error = r.error ? fmt::format("{:.1e}", *r.error) : "-"};
}

/// The deck that the options vary: the user's, or TinyAttention on the default tasks.
DeckSource base_deck(const BenchMetaOptions& options) {
  if (!options.deck.empty()) return load_deck(options.deck);
  return {
      .path = "bench",
      .text = fmt::format("precision: float32\n"
                          "task: {{kind: sequence_classification, tokens: {0}, features: {1}}}\n"
                          "model: {{width: {1}}}\n"
                          "meta: {{tasks: 256}}\n",
                          options.tokens, options.width)};
}

/// Decks of all combinations of what the options give, each read and checked like a user's, the options as overrides.
std::vector<Deck> decks_of(const BenchMetaOptions& options, const DeckSource& source) {
  std::vector<std::vector<std::string>> cells{{}};
  const auto vary = [&](const std::vector<std::string>& words) {
    if (words.empty()) return;
    std::vector<std::vector<std::string>> more;
    for (const auto& cell : cells)
      for (const std::string& word : words) {
        more.push_back(cell);
        more.back().push_back(word);
      }
    cells = std::move(more);
  };
  const auto words = [](const char* key, const auto& values, const auto& text) {
    std::vector<std::string> all;
    for (const auto& value : values) all.push_back(fmt::format("{}={}", key, text(value)));
    return all;
  };
  const auto number = [](int value) { return value; };
  const auto word = [](auto value) { return word_of(value); };
  vary(words("meta.tasks", options.tasks, number));
  vary(words("inner.steps", options.steps, number));
  vary(words("meta.mode", options.modes, word));
  vary(words("precision", options.precisions, word));
  if (options.engine) vary({fmt::format("meta.engine={}", word_of(*options.engine))});
  std::vector<Deck> decks;
  for (const auto& cell : cells) {
    auto [deck, places] = parse_placed_deck(source, cell);
    if (deck.meta.mode == MetaMode::reptile || deck.meta.mode == MetaMode::hybrid)
      throw UserError(
          fmt::format("{}: bench meta times one kind of meta-gradient, which meta.mode {} has not; "
                      "--mode full or first_order, or a deck of another mode",
                      options.deck, word_of(deck.meta.mode)));
    deck.meta.batch = 0;
    decks.push_back(resolve_files(deck, places));
  }
  return decks;
}

}  // namespace

int bench_meta_command(const BenchMetaOptions& options, const Invocation& invocation) {
  const DeckSource source = base_deck(options);
  std::vector<Deck> decks = decks_of(options, source);
  const Backend wanted =
      options.backend == Backend::automatic ? decks.front().backend : options.backend;
  const BenchStart start(wanted, options.json, options.overwrite, invocation);
  say(fmt::format("threads   {}", host_threads()));
  for (Deck& cell : decks) {
    cell.backend = start.backend;
    check_meta_bench(cell);
  }
  say(MetaCells{"tasks", "steps", "mode", "precision", "engine", "ms", "quartiles", "first ms",
                "tasks/s", "GFLOP/s", "flops", "bytes", "extra MiB", "error"}
          .line());
  std::string lines;
  std::map<bool, Peak> peaks;  // of float64, and of what computes in float32
  for (const Deck& cell : decks) {
    const bool exact = cell.precision == Precision::float64;
    if (!peaks.contains(exact)) peaks[exact] = meta_peak(cell);
    const MetaBenchResult r = bench_meta(cell, options.seconds);
    say(cells_of(cell, r, peaks[exact]).line());
    lines += json_line(cell, r, peaks[exact], start.device);
  }
  for (const auto& [exact, peak] : peaks)
    say(fmt::format("peak: {:.4g} GFLOP/s of {}, {:.4g} GB/s, measured before", peak.gflops,
                    exact ? "float64" : "float32", peak.gigabytes_s));
  say("ms: the mean meta-gradient of all tasks, episodes in place; first ms: the first one, with "
      "all\n"
      "that is allocated. GFLOP/s counts the doubly absorbed form, whatever is executed; flops: "
      "its "
      "share\nof the peak of multiply-adds; bytes: the share of the bandwidth that is taken where "
      "every\ngradient and product reads its episodes once. error: of the timed run against the "
      "general\nengine in float64 (itself: against the episode engine) on inputs before they are "
      "rounded, the mean\nof the first 16 tasks, or of the first one of a model that is not "
      "tiny_attention.");
  if (!options.json.empty()) write_lines(options.json, options.overwrite, lines);
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

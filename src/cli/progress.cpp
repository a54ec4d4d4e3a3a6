// SPDX-License-Identifier: Apache-2.0
#include "src/cli/progress.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "src/io/interval.hpp"

namespace theria {

namespace {

constexpr int buckets = 20;                                       // lines of a run in a batch log
constexpr double redraw_seconds = 0.1;                            // on a terminal
constexpr int longest_bar = 30, shortest_bar = 5, bar_frame = 3;  // characters
constexpr int most_warnings = 10;                                 // of tasks left out
constexpr std::string_view erase = "\r\033[K";

int bucket_of(int step, int steps) {
  return static_cast<int>(std::int64_t{step} * buckets / std::max(steps, 1));
}

std::string percent(double fraction) {
  return std::isnan(fraction) ? "none" : fmt::format("{:.1f} %", 100 * fraction);
}

/// "3 training tasks diverged and are left out: 4, 17, 20"; of many the first.
std::string left_out_words(const char* kind, const std::vector<std::int64_t>& tasks) {
  constexpr std::size_t most = 5;
  const auto shown = tasks.begin() + static_cast<std::ptrdiff_t>(std::min(tasks.size(), most));
  return fmt::format("{} {} task{} diverged and {} left out: {}{}", tasks.size(), kind,
                     tasks.size() == 1 ? "" : "s", tasks.size() == 1 ? "is" : "are",
                     fmt::join(tasks.begin(), shown, ", "), tasks.size() > most ? ", …" : "");
}

}  // namespace

ProgressSink standard_sink() {
  const auto write = [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  };
  const auto seconds = [] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  };
  return {write, seconds};
}

Progress::Progress(const Terminal& terminal, ProgressSink sink)
    : m_terminal(terminal), m_sink(std::move(sink)), m_start(m_sink.seconds()) {}

std::string Progress::bar(double fraction, int room) const {
  const int length = std::clamp(room - bar_frame, 0, longest_bar);
  if (length < shortest_bar) return {};
  const int done = static_cast<int>(fraction * length);
  const std::string full(static_cast<std::size_t>(done), '#');
  const std::string rest(static_cast<std::size_t>(length - done), '.');
  return m_terminal.colour ? fmt::format("[\033[32m{}\033[0m{}] ", full, rest)
                           : fmt::format("[{}{}] ", full, rest);
}

void Progress::after_step(int step, int steps, const TrainingRow& row) {
  m_steps = steps;
  if (!row.excluded.empty()) warn_of_excluded(step, row.excluded);
  const double now = m_sink.seconds();
  const double elapsed = std::max(now - m_start, 1e-9);
  const bool last = step >= steps;
  const double fraction = steps > 0 ? static_cast<double>(step) / steps : 1;
  const std::string state = fmt::format(
      "step {}/{} ({:.0f} %)  ETA {}  query loss {}{}", step, steps, 100 * fraction,
      clock_words(elapsed * (steps - step) / std::max(step, 1)), number_words(row.query_loss, 4),
      std::isfinite(row.query_accuracy) ? "  accuracy " + percent(row.query_accuracy) : "");
  const std::string rate = fmt::format("  {:.3g} steps/s", step / elapsed);
  if (m_terminal.interactive) {
    if (!last && m_last_drawn >= 0 && now - m_last_drawn < redraw_seconds) return;
    // A narrow terminal does without the rate, then without some of the bar.
    const int room = std::max(m_terminal.width - 1, 10);
    const int left = room - static_cast<int>(state.size());
    const int after_rate = left - static_cast<int>(rate.size());
    const bool rated = after_rate >= longest_bar + bar_frame;
    m_sink.write(fmt::format("{}{}{}{}", erase, bar(fraction, rated ? after_rate : left),
                             state.substr(0, static_cast<std::size_t>(room)), rated ? rate : ""));
    m_last_drawn = now;
    m_line_open = true;
    return;
  }
  const int bucket = bucket_of(step, steps);
  if (bucket <= m_steps_bucket && !last) return;
  m_steps_bucket = bucket;
  write_line(state + rate);
}

void Progress::warn_of_excluded(int step, const std::vector<std::int64_t>& tasks) {
  m_excluded_steps += 1;
  if (m_excluded_steps > most_warnings) return;
  write_line(fmt::format(
      "warning: step {}: {}{}", step, left_out_words("training", tasks),
      m_excluded_steps == most_warnings ? "; of further steps the result file tells" : ""));
}

void Progress::after_evaluation(const EvaluationRow& row) {
  const bool last = m_steps > 0 && row.outer_step >= m_steps;
  const int bucket = bucket_of(row.outer_step, m_steps);
  const bool first = m_evaluations_bucket < 0;
  if (!m_terminal.interactive && !first && !last && bucket <= m_evaluations_bucket) return;
  m_evaluations_bucket = bucket;
  const auto mean = [](const std::vector<double>& values) { return interval_of(values).mean; };
  const std::vector<std::int64_t> left_out = row.left_out();
  if (!left_out.empty())
    write_line(fmt::format("warning: evaluation at step {}: {}", row.outer_step,
                           left_out_words("held-out", left_out)));
  write_line(row.query_accuracy_after.empty()
                 ? fmt::format("evaluation at step {}: loss {} before adaptation, {} after",
                               row.outer_step, number_words(mean(row.query_loss_before), 4),
                               number_words(mean(row.query_loss_after), 4))
                 : fmt::format("evaluation at step {}: accuracy {} before adaptation, {} after",
                               row.outer_step, percent(mean(row.query_accuracy_before)),
                               percent(mean(row.query_accuracy_after))));
}

void Progress::finish() {
  if (m_line_open) m_sink.write("\n");
  m_line_open = false;
}

void Progress::write_line(const std::string& text) {
  if (m_line_open) m_sink.write(erase);
  m_line_open = false;
  m_sink.write(fmt::format("{} {}\n", utc_now(), text));
}

}  // namespace theria

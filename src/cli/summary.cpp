// SPDX-License-Identifier: Apache-2.0
#include "src/cli/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "src/cli/console.hpp"
#include "src/io/interval.hpp"

namespace theria {

namespace {

/// "61.3 ± 1.2 %"; without a half-width where a single task gives none.
std::string percent_words(std::span<const double> values) {
  const Interval interval = interval_of(values);
  if (std::isnan(interval.mean)) return "none";
  if (!std::isfinite(interval.half_width)) return fmt::format("{:.1f} %", 100 * interval.mean);
  return fmt::format("{:.1f} ± {:.1f} %", 100 * interval.mean, 100 * interval.half_width);
}

std::string loss_words(std::span<const double> values) {
  return interval_words(interval_of(values), 4);
}

/// " (2 diverged and left out at step 0)", of the evaluations that the table shows.
std::string left_out_words(const std::vector<EvaluationRow>& evaluations) {
  std::vector<std::string> words;
  for (const EvaluationRow* row : {&evaluations.front(), &evaluations.back()})
    if (const auto tasks = row->left_out(); !tasks.empty())
      words.push_back(
          fmt::format("{} diverged and left out at step {}", tasks.size(), row->outer_step));
  if (evaluations.size() == 1 && words.size() > 1) words.pop_back();
  return words.empty() ? "" : fmt::format(" ({})", fmt::join(words, ", "));
}

std::string evaluation_table(const std::vector<EvaluationRow>& evaluations) {
  const bool classes = !evaluations.front().query_accuracy_after.empty();
  std::vector<std::vector<std::string>> rows = {{"outer step"}};
  if (classes) rows[0].insert(rows[0].end(), {"accuracy before", "accuracy after"});
  rows[0].insert(rows[0].end(), {"loss before", "loss after"});
  const auto add = [&](const EvaluationRow& row) {
    rows.push_back({fmt::format("{}", row.outer_step)});
    if (classes)
      rows.back().insert(rows.back().end(), {percent_words(row.query_accuracy_before),
                                             percent_words(row.query_accuracy_after)});
    rows.back().insert(rows.back().end(),
                       {loss_words(row.query_loss_before), loss_words(row.query_loss_after)});
  };
  add(evaluations.front());
  if (evaluations.size() > 1) add(evaluations.back());
  return fmt::format(
      "held-out tasks: {}{}; before and after adaptation, mean ± half of the 95 % interval\n{}",
      evaluations.front().query_loss_after.size(), left_out_words(evaluations),
      table(rows, std::string(rows[0].size(), '>')));
}

std::string certificate_words(const Certificate& c) {
  const std::size_t n = worst_task(c.residual);
  const auto unsolved = std::count(c.converged.begin(), c.converged.end(), 0);
  std::string text = fmt::format(
      "certificate: of {} tasks the worst, {}, has a residual of {:.1e} after {} products, "
      "symmetry "
      "defect {:.1e}, slope {:.1e} of the first\n",
      c.residual.size(), n, c.residual[n], c.iterations[n], c.symmetry_defect[n],
      c.stationarity[n]);
  if (unsolved > 0)
    text += fmt::format("{} of them not solved to the tolerance, {} not positive definite\n",
                        unsolved, std::count(c.positive.begin(), c.positive.end(), 0));
  return text;
}

/// What is in a type below float32 depends on the engine.
std::string precision_words(const Deck& deck, EngineKind engine) {
  const std::string word(word_of(deck.precision));
  if (deck.precision <= Precision::float32) return word;
  return fmt::format("{} in {}, all else in float32",
                     engine == EngineKind::episode ? "inputs" : "attention", word);
}

}  // namespace

std::string plan_text(const Deck& deck, const RunPlan& plan) {
  const std::string resident =
      plan.resident_bytes == 0 ? ""
                               : fmt::format(
                                     "          where there is room, all episodes on the GPU: {}, "
                                     "or those of the next launch: {}\n",
                                     byte_words(plan.resident_bytes), byte_words(plan.ahead_bytes));
  return fmt::format(
      "plan      {} parameters a task, {} tasks a meta-gradient, {} at a time\n"
      "          {} inner steps ({}), {} outer steps, {}\n"
      "engine    {}: {}\n"
      "memory    {}: episodes {}, inner steps kept for the sweep {}, workspace {},\n"
      "          outer loop {}, record {}{}\n{}",
      plan.parameters, deck.meta.tasks, plan.tasks_per_launch, deck.inner.steps,
      word_of(deck.meta.mode), deck.outer.steps, precision_words(deck, plan.engine.kind),
      word_of(plan.engine.kind), plan.engine.reason,
      byte_words(plan.device_bytes() + plan.host_bytes()), byte_words(plan.episode_bytes),
      byte_words(plan.sweep_bytes), byte_words(plan.workspace_bytes), byte_words(plan.outer_bytes),
      byte_words(plan.record_bytes),
      plan.file_bytes == 0 ? "" : ", episodes' file " + byte_words(plan.file_bytes), resident);
}

std::string summary_text(const RunOutcome& outcome) {
  std::string text;
  if (!outcome.excluded.empty()) {
    const ExcludedTask& first = outcome.excluded.front();
    text += fmt::format(
        "{} training task{} diverged and {} left out of the means, the first {} at outer step {}; "
        "/excluded in the result file lists them\n",
        outcome.excluded.size(), outcome.excluded.size() == 1 ? "" : "s",
        outcome.excluded.size() == 1 ? "was" : "were", first.task, first.outer_step + 1);
  }
  if (outcome.record) {
    const MetaGradientRecord& record = *outcome.record;
    text += fmt::format(
        "meta-gradient of {} task{}: query loss {}{} after adaptation\n", record.query_loss.size(),
        record.query_loss.size() == 1 ? "" : "s", loss_words(record.query_loss),
        record.query_accuracy.empty() ? "" : ", accuracy " + percent_words(record.query_accuracy));
  }
  if (outcome.certificate) text += certificate_words(*outcome.certificate);
  if (!outcome.evaluation.empty()) text += evaluation_table(outcome.evaluation);
  if (text.empty() && !outcome.training.empty()) {
    const TrainingRow& last = outcome.training.back();
    text += fmt::format("last outer step: query loss {}{} after adaptation\n",
                        number_words(last.query_loss, 4),
                        std::isfinite(last.query_accuracy)
                            ? fmt::format(", accuracy {:.1f} %", 100 * last.query_accuracy)
                            : "");
  }
  return text;
}

}  // namespace theria

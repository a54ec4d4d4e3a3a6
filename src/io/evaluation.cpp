// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "src/io/interval.hpp"
#include "src/io/result_parts.hpp"

namespace theria {

namespace {

struct Column {
  const char* name;
  std::vector<double> EvaluationRow::*member;
  const char* long_name;  // of a loss: what follows the loss's name
};

const Column columns[] = {
    {"query_loss_before", &EvaluationRow::query_loss_before,
     " on the query sequences before adaptation"},
    {"query_loss_after", &EvaluationRow::query_loss_after,
     " on the query sequences after adaptation"},
    {"query_accuracy_before", &EvaluationRow::query_accuracy_before,
     "share of query sequences classified right before adaptation"},
    {"query_accuracy_after", &EvaluationRow::query_accuracy_after,
     "share of query sequences classified right after adaptation"},
};

void write_column(hdf5::Writer& file, const Column& column,
                  const std::vector<EvaluationRow>& rows) {
  if ((rows.front().*column.member).empty()) return;  // accuracies of predictions
  const bool classes = !rows.front().query_accuracy_after.empty();
  const std::string long_name =
      (*column.long_name == ' ' ? loss_words(classes) : "") + column.long_name;
  const auto name = fmt::format("/evaluation/{}", column.name);
  std::vector<double> all, means, half_widths;
  for (const auto& row : rows) {
    const auto& values = row.*column.member;
    const auto interval = interval_of(values);
    all.insert(all.end(), values.begin(), values.end());
    means.push_back(interval.mean);
    half_widths.push_back(interval.half_width);
  }
  const auto write = [&](const hdf5::DataSet& what, const std::vector<double>& values) {
    file.write(what, values);
    // xarray takes the outer step of an evaluation as its coordinate from this.
    file.attribute(what.path, "coordinates", "outer_step");
  };
  write({.path = name, .axes = {"evaluation", "task"}, .long_name = long_name}, all);
  write({.path = name + "_mean",
         .axes = {"evaluation"},
         .long_name = fmt::format("{}, mean over the tasks", long_name)},
        means);
  write(
      {.path = name + "_half_width",
       .axes = {"evaluation"},
       .long_name = fmt::format("half-width of the 95 % interval of {}_mean: 1.96 s / sqrt(tasks), "
                                "s with tasks - 1 in its denominator",
                                column.name)},
      half_widths);
}

}  // namespace

void write_evaluation(hdf5::Writer& file, const std::vector<EvaluationRow>& rows) {
  if (rows.empty() || rows.front().query_loss_after.empty()) return;
  const auto tasks = rows.front().query_loss_after.size();
  file.scale({.path = "/evaluation/evaluation", .long_name = "number of the evaluation"},
             rows.size());
  file.scale({.path = "/evaluation/task", .long_name = "held-out task"}, tasks);

  std::vector<std::int32_t> steps;
  for (const auto& row : rows) steps.push_back(row.outer_step);
  file.write({.path = "/evaluation/outer_step",
              .axes = {"evaluation"},
              .long_name = "outer steps done before"},
             steps);
  for (const auto& column : columns) write_column(file, column, rows);
}

}  // namespace theria

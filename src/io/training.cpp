// SPDX-License-Identifier: Apache-2.0
#include "src/io/result_parts.hpp"

namespace theria {

std::string loss_words(bool classes) {
  return classes ? "cross-entropy (natural log)" : "mean squared error";
}

void write_training(hdf5::Writer& file, const RunOutcome& outcome) {
  const auto& rows = outcome.training;
  if (outcome.deck.outer.steps == 0 || rows.empty()) return;
  file.scale({.path = "/training/outer_step", .long_name = "outer steps done before"}, rows.size());

  const auto column = [&](const char* name, double TrainingRow::*member,
                          const std::string& long_name, const char* units) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row.*member);
    file.write({.path = std::string("/training/") + name,
                .axes = {"outer_step"},
                .long_name = long_name,
                .units = units},
               values);
  };
  const bool classes = !is_regression(outcome.deck.task.kind);
  const std::string loss = loss_words(classes);
  column("query_loss", &TrainingRow::query_loss,
         loss + " on the query sequences after adaptation, mean over the meta-batch", "1");
  if (classes)
    column("query_accuracy", &TrainingRow::query_accuracy,
           "share of query sequences classified right after adaptation, mean over the meta-batch",
           "1");
  column("support_loss", &TrainingRow::support_loss,
         loss + " on the support sequences before adaptation, mean over the meta-batch", "1");
  column("meta_gradient_norm", &TrainingRow::meta_gradient_norm,
         "Euclidean norm of the meta-gradient, mean over the meta-batch", "1");
  column("seconds", &TrainingRow::seconds, "wall time of the outer step", "s");
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/io/result_parts.hpp"

namespace theria {

namespace {

void write_episodes(hdf5::Writer& file, const Episodes& episodes) {
  const auto axis = [&](const char* name, std::size_t extent, const char* long_name) {
    file.scale({.path = std::string("/episodes/") + name, .long_name = long_name}, extent);
  };
  const auto& support = episodes.x_support.shape;  // (task, support_sequence, token, feature)
  const auto& query = episodes.x_query.shape;      // (task, query_sequence, token, feature)
  axis("task", support.at(0), "task of the meta-batch");
  axis("support_sequence", support.at(1), "sequence of the support set");
  axis("query_sequence", query.at(1), "sequence of the query set");
  axis("token", support.at(2), "token of a sequence");
  axis("feature", support.at(3), "feature of a token");

  file.write({.path = "/episodes/x_support",
              .axes = {"task", "support_sequence", "token", "feature"},
              .long_name = "sequences that a task adapts to"},
             episodes.x_support);
  const bool classes = !episodes.y_support.empty();
  if (classes)
    file.write({.path = "/episodes/y_support",
                .axes = {"task", "support_sequence"},
                .long_name = "their classes, from 0"},
               episodes.y_support);
  file.write({.path = "/episodes/x_query",
              .axes = {"task", "query_sequence", "token", "feature"},
              .long_name = "sequences that the adapted parameters are judged by"},
             episodes.x_query);
  if (classes) {
    file.write({.path = "/episodes/y_query",
                .axes = {"task", "query_sequence"},
                .long_name = "their classes, from 0"},
               episodes.y_query);
    return;
  }
  axis("output", episodes.target_support.shape.at(2), "number that is predicted of a sequence");
  file.write({.path = "/episodes/target_support",
              .axes = {"task", "support_sequence", "output"},
              .long_name = "what is to be predicted of the support sequences"},
             episodes.target_support);
  file.write({.path = "/episodes/target_query",
              .axes = {"task", "query_sequence", "output"},
              .long_name = "what is to be predicted of the query sequences"},
             episodes.target_query);
}

void write_losses(hdf5::Writer& file, const MetaGradientRecord& record) {
  const auto column = [&](const char* name, const std::vector<double>& values,
                          const std::string& text) {
    file.write({.path = std::string("/losses/") + name, .axes = {"task"}, .long_name = text},
               values);
  };
  file.scale({.path = "/losses/task", .long_name = "task of the meta-batch"},
             record.query_loss.size());
  const bool classes = !record.episodes.y_query.empty();
  column("query_loss", record.query_loss,
         loss_words(classes) + " on the query sequences after adaptation");
  if (classes)
    column("query_accuracy", record.query_accuracy,
           "share of query sequences classified right after adaptation");
  column("support_loss", record.support_loss,
         loss_words(classes) + " on the support sequences before adaptation");
}

}  // namespace

void write_record(hdf5::Writer& file, const MetaGradientRecord& record) {
  const auto tasks = record.episodes.x_support.shape.at(0);
  write_episodes(file, record.episodes);
  write_tensors(file,
                {.group = "/parameters/initial", .meaning = "where the meta-gradient is taken"},
                record.initial);
  write_tensors(file,
                {.group = "/parameters/adapted", .meaning = "after adaptation", .tasks = tasks},
                record.adapted);
  write_tensors(file,
                {.group = "/meta_gradient",
                 .meaning = "component of the meta-gradient, "
                            "mean over the tasks"},
                record.meta_gradient);
  write_losses(file, record);
}

}  // namespace theria

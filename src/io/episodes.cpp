// SPDX-License-Identifier: Apache-2.0
#include "src/io/episodes.hpp"

#include <algorithm>
#include <limits>

#include "src/io/fault.hpp"
#include "src/io/hdf5/reader.hpp"
#include "src/io/precision.hpp"

namespace theria {

namespace {

using Names = std::vector<std::string>;

/// "/episodes/" or "/": the place that holds any of the names.
std::string place_of_episodes(const hdf5::Reader& file, const Names& names) {
  bool in_group = false;
  bool at_root = false;
  for (const std::string& name : names) {
    in_group = in_group || file.has("/episodes/" + name);
    at_root = at_root || file.has("/" + name);
  }
  if (in_group && at_root) {
    fault(file.path(),
          "has episodes in the group /episodes and at the root; accepted: one of them");
  }
  if (!in_group && !at_root) {
    fault(file.path(), fmt::format("holds no episodes; accepted: data sets {} in the group "
                                   "/episodes or at the root",
                                   fmt::join(names, ", ")));
  }
  return in_group ? "/episodes/" : "/";
}

Tensor read_sequences(const hdf5::Reader& file, const std::string& name, const char* axis) {
  const auto shape = file.shape(name);
  const auto accepted = fmt::format("accepted: (task, {}, token, feature), each at least 1", axis);
  bool good = shape.size() == 4;
  for (const auto extent : shape) good = good && extent > 0;
  if (!good) {
    fault(file.path(), fmt::format("{} has shape {}; {}", name, shape_text(shape), accepted));
  }
  auto tensor = file.floats(name);
  check_finite(tensor, file.path(), name);
  return tensor;
}

void check_classes(std::span<const std::int64_t> labels, const hdf5::Shape& shape,
                   std::int64_t classes, const std::string& path, const std::string& name) {
  for (std::size_t flat = 0; flat < labels.size(); ++flat) {
    if (labels[flat] < 0 || labels[flat] >= classes) {
      fault(path, fmt::format("{}{} is {}; accepted: classes 0 to {}", name,
                              index_text(shape, flat), labels[flat], classes - 1));
    }
  }
}

/// Refuses any other shape of a data set beside its sequences.
void check_shape(const hdf5::Reader& file, const std::string& name,
                 const std::vector<hdf5::Shape>& accepted, const Tensor& sequences,
                 const std::string& sequences_name) {
  const auto shape = file.shape(name);
  if (std::find(accepted.begin(), accepted.end(), shape) != accepted.end()) return;
  std::vector<std::string> words;
  for (const hdf5::Shape& one : accepted) words.push_back(shape_text(one));
  fault(file.path(),
        fmt::format("{} has shape {}; accepted: {}, as {} has shape {}", name, shape_text(shape),
                    fmt::join(words, " or "), sequences_name, shape_text(sequences.shape)));
}

std::vector<std::int32_t> read_labels(const hdf5::Reader& file, const std::string& name,
                                      const Tensor& sequences, const std::string& sequences_name) {
  check_shape(file, name, {{sequences.shape[0], sequences.shape[1]}}, sequences, sequences_name);
  const auto labels = file.integers(name);
  constexpr std::int64_t most_classes = std::int64_t{std::numeric_limits<std::int32_t>::max()};
  check_classes(labels.values, labels.shape, most_classes, file.path(), name);
  return {labels.values.begin(), labels.values.end()};
}

/// (task, sequence, 1), also of a file that leaves the last axis out.
Tensor read_targets(const hdf5::Reader& file, const std::string& name, const Tensor& sequences,
                    const std::string& sequences_name) {
  const hdf5::Shape flat{sequences.shape[0], sequences.shape[1]};
  const hdf5::Shape expected{flat[0], flat[1], 1};
  check_shape(file, name, {flat, expected}, sequences, sequences_name);
  auto tensor = file.floats(name);
  check_finite(tensor, file.path(), name);
  tensor.shape = expected;
  return tensor;
}

/// Tasks, tokens and features agree between support and query.
void check_same_tasks(const Episodes& episodes, const std::string& path, const std::string& place) {
  constexpr const char* axes[] = {"tasks", "", "tokens", "features"};
  for (const std::size_t axis : {0, 2, 3}) {
    const auto support = episodes.x_support.shape[axis];
    const auto query = episodes.x_query.shape[axis];
    if (support != query) {
      fault(path, fmt::format("{0}x_query has {1} {3}, {0}x_support has {2}; accepted: the same",
                              place, query, support, axes[axis]));
    }
  }
}

}  // namespace

Episodes read_episodes(const std::string& path, Asked asked) {
  const bool classes = asked == Asked::classes;
  const std::string of_support = classes ? "y_support" : "target_support";
  const std::string of_query = classes ? "y_query" : "target_query";
  const Names names{"x_support", of_support, "x_query", of_query};
  const hdf5::Reader file(path);
  const auto place = place_of_episodes(file, names);
  const std::string other = place + (classes ? "target_support" : "y_support");
  for (const std::string& name : names) {
    if (file.has(place + name)) continue;
    const char* const hint = !file.has(other) ? ""
                             : classes        ? "; it has targets, for task.kind regression_file"
                                              : "; it has classes, for task.kind file";
    fault(path, fmt::format("data set {}{} is missing{}", place, name, hint));
  }
  Episodes episodes;
  episodes.x_support = read_sequences(file, place + "x_support", "support_sequence");
  episodes.x_query = read_sequences(file, place + "x_query", "query_sequence");
  check_same_tasks(episodes, path, place);
  const std::string support = place + of_support, query = place + of_query;
  if (classes) {
    episodes.y_support = read_labels(file, support, episodes.x_support, place + "x_support");
    episodes.y_query = read_labels(file, query, episodes.x_query, place + "x_query");
  } else {
    episodes.target_support = read_targets(file, support, episodes.x_support, place + "x_support");
    episodes.target_query = read_targets(file, query, episodes.x_query, place + "x_query");
  }
  return episodes;
}

EpisodesSize size_of_episodes(const std::string& path) {
  const hdf5::Reader file(path);
  const std::string x = place_of_episodes(file, {"x_support"}) + "x_support";
  return {.tasks = file.shape(x).at(0),
          .bytes_of_a_number = file.type_name(x) == "float64" ? sizeof(double) : sizeof(float)};
}

void check_labels(const Episodes& episodes, int classes, const std::string& path) {
  const auto check = [&](const char* name, const std::vector<std::int32_t>& labels,
                         const Tensor& sequences) {
    const std::vector<std::int64_t> wide(labels.begin(), labels.end());
    check_classes(wide, {sequences.shape[0], sequences.shape[1]}, classes, path, name);
  };
  check("y_support", episodes.y_support, episodes.x_support);
  check("y_query", episodes.y_query, episodes.x_query);
}

}  // namespace theria

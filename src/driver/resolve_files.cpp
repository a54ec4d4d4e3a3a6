// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <string>

#include "src/core/error.hpp"
#include "src/driver/run.hpp"
#include "src/io/episodes.hpp"
#include "src/io/parameters.hpp"
#include "src/io/precision.hpp"
#include "src/models/layout.hpp"
#include "src/tasks/digit_episodes.hpp"

namespace theria {
namespace {

/// 0 in the deck takes what the file has; anything else must agree with it.
void agree(int& in_deck, std::size_t in_file, const std::string& key, const std::string& path) {
  if (in_deck != 0 && static_cast<std::size_t>(in_deck) != in_file)
    throw UserError(key + " is " + std::to_string(in_deck) + ", but " + path + " has " +
                    std::to_string(in_file) + "; leave the key out to take the file's");
  in_deck = static_cast<int>(in_file);
}

/// The limits that the deck's keys have.
void at_most(int value, int limit, const std::string& name, const std::string& path) {
  if (value > limit)
    throw UserError(path + ": has " + std::to_string(value) + " " + name + ", expected at most " +
                    std::to_string(limit));
}

void resolve_episodes(Deck& deck) {
  TaskDeck& task = deck.task;
  const std::string& path = task.file;
  const Episodes episodes = read_episodes(path);
  const auto& support = episodes.x_support.shape;
  agree(task.support, support[1], "task.support", path);
  agree(task.query, episodes.x_query.shape[1], "task.query", path);
  agree(task.tokens, support[2], "task.tokens", path);
  agree(task.features, support[3], "task.features", path);
  at_most(task.features, 256, "features", path);
  for (const auto& [count, name] : {std::pair{task.support, "support sequences"},
                                    {task.query, "query sequences"},
                                    {task.tokens, "tokens"}})
    at_most(count, 65536, name, path);
  const std::int64_t numbers =
      (std::int64_t(task.support) + task.query) * task.tokens * task.features;
  if (numbers > std::numeric_limits<std::int32_t>::max())
    throw UserError(path + ": one episode holds " + std::to_string(numbers) +
                    " numbers, expected at most 2147483647");
  if (task.classes == 0) {
    std::int32_t largest = 1;
    for (const auto& labels : {episodes.y_support, episodes.y_query})
      for (const std::int32_t label : labels) largest = std::max(largest, label);
    if (largest >= 256)
      throw UserError(path + ": the largest label is " + std::to_string(largest) +
                      ", expected at most 255");
    task.classes = largest + 1;
  }
  check_labels(episodes, task.classes, path);
  to_precision(episodes.x_support, deck.precision, path, "x_support");
  to_precision(episodes.x_query, deck.precision, path, "x_query");
  const int needed = deck.meta.tasks + deck.evaluation.tasks;
  if (support[0] < static_cast<std::size_t>(needed))
    throw UserError(path + ": holds " + std::to_string(support[0]) + " episodes, but meta.tasks " +
                    std::to_string(deck.meta.tasks) + " and evaluation.tasks " +
                    std::to_string(deck.evaluation.tasks) + " take " + std::to_string(needed) +
                    " different ones");
}

}  // namespace

Deck resolve_files(const Deck& deck) {
  Deck resolved = deck;
  if (deck.task.kind == TaskKind::file) resolve_episodes(resolved);
  if (deck.task.kind == TaskKind::digits) DigitEpisodes{deck};
  if (!deck.model.initial.empty()) {
    ParameterShapes expected;
    const ParameterLayout layout = parameter_layout(resolved);
    for (const ParameterBlock& block : layout.blocks())
      expected.push_back({block.name, block.shape});
    const std::vector<NamedTensor> initial = read_parameters(deck.model.initial);
    check_parameter_shapes(initial, expected, deck.model.initial);
    for (const auto& [name, tensor] : initial)
      to_precision(tensor, deck.precision, deck.model.initial, name);
  }
  return resolved;
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "src/core/error.hpp"
#include "src/deck/episode_limits.hpp"
#include "src/deck/faults.hpp"
#include "src/driver/run.hpp"
#include "src/io/episodes.hpp"
#include "src/io/parameters.hpp"
#include "src/io/precision.hpp"
#include "src/meta/kept_steps.hpp"
#include "src/models/layout.hpp"
#include "src/tasks/digit_episodes.hpp"

namespace theria {
namespace {

using Keys = std::initializer_list<std::string_view>;

std::string quoted(std::string_view key) { return '"' + std::string(key) + '"'; }

/// Compares a deck with the files that it names; every disagreement is a fault of the deck.
class FileResolver {
 public:
  FileResolver(const Deck& deck, const DeckPlaces& places)
      : m_deck(deck), m_places(places), m_faults(places.deck_path) {}

  Deck resolve() {
    if (reads_episodes(m_deck.task.kind))
      m_model_known = attempt({"task.file"}, [&] { resolve_episodes(); }) && m_model_known;
    if (m_deck.task.kind == TaskKind::digits)
      attempt({"task.file", "task.kind"}, [&] { DigitEpisodes{m_deck}; });
    if (reads_episodes(m_deck.task.kind) && m_deck.meta.engine == EngineKind::episode) {
      const std::string refusal = episode_refusal(m_deck);
      if (!refusal.empty()) fault({"meta.engine"}, impossible_engine(refusal));
    }
    if (!m_deck.model.initial.empty()) attempt({"model.initial"}, [&] { check_initial(); });
    if (m_model_known && m_deck.meta.store == Store::budget)
      attempt({"meta.budget", "meta.store"}, [&] { check_budget(); });
    m_faults.throw_if_any();
    return m_deck;
  }

 private:
  void fault(Keys keys, std::string message) {
    m_faults.add(m_places.first_of(keys), std::move(message));
  }

  /// Whether `work` ends without a UserError; every line of one is a fault of the first of `keys`
  /// that was given.
  template <class Work>
  bool attempt(Keys keys, const Work& work) {
    try {
      work();
      return true;
    } catch (const UserError& error) {
      std::istringstream lines(error.what());
      for (std::string line; std::getline(lines, line);) fault(keys, line);
      return false;
    }
  }

  /// 0 in the deck takes what the file has; anything else must agree with it.
  void agree(std::string_view key, int& in_deck, std::size_t in_file) {
    if (in_deck != 0 && static_cast<std::size_t>(in_deck) != in_file) {
      fault({key}, quoted(key) + " is " + std::to_string(in_deck) + ", but " + m_deck.task.file +
                       " has " + std::to_string(in_file) +
                       "; leave the key out to take the file's");
      m_model_known = m_model_known && key != "task.features";
    }
    in_deck = static_cast<int>(in_file);
  }

  /// The limits that the deck's keys have.
  void at_most(std::int64_t value, std::int64_t limit, std::string_view name) {
    if (value <= limit) return;
    fault({"task.file"}, m_deck.task.file + ": has " + std::to_string(value) + " " +
                             std::string(name) + ", expected at most " + std::to_string(limit));
    m_model_known = false;
  }

  void resolve_episodes() {
    TaskDeck& task = m_deck.task;
    const bool targets = is_regression(task.kind);
    const Episodes episodes = read_episodes(task.file, targets ? Asked::targets : Asked::classes);
    const auto& support = episodes.x_support.shape;
    agree("task.support", task.support, support[1]);
    agree("task.query", task.query, episodes.x_query.shape[1]);
    agree("task.tokens", task.tokens, support[2]);
    agree("task.features", task.features, support[3]);
    at_most(task.features, 256, "features");
    at_most(task.support, 65536, "support sequences");
    at_most(task.query, 65536, "query sequences");
    at_most(task.tokens, 65536, "tokens");
    at_most((std::int64_t{task.support} + task.query) * task.tokens * task.features,
            std::numeric_limits<std::int32_t>::max(), "numbers in one episode");
    if (!targets) resolve_classes(episodes);
    std::vector numbers{std::pair{"x_support", &episodes.x_support},
                        {"x_query", &episodes.x_query}};
    if (targets) {
      numbers.emplace_back("target_support", &episodes.target_support);
      numbers.emplace_back("target_query", &episodes.target_query);
    }
    for (const auto& [name, tensor] : numbers)
      attempt({"task.file"}, [&, name = name, tensor = tensor] {
        to_precision(*tensor, parameter_precision(m_deck.precision), task.file, name);
      });
    const int needed = m_deck.meta.tasks + m_deck.evaluation.tasks;
    if (support[0] < static_cast<std::size_t>(needed))
      fault({"meta.tasks", "evaluation.tasks", "task.file"},
            quoted("meta.tasks") + " " + std::to_string(m_deck.meta.tasks) + " and " +
                quoted("evaluation.tasks") + " " + std::to_string(m_deck.evaluation.tasks) +
                " take " + std::to_string(needed) + " different episodes, but " + task.file +
                " has " + std::to_string(support[0]));
  }

  void resolve_classes(const Episodes& episodes) {
    TaskDeck& task = m_deck.task;
    if (task.classes == 0) {
      std::int32_t largest = 1;
      for (const auto& labels : {episodes.y_support, episodes.y_query})
        for (const std::int32_t label : labels) largest = std::max(largest, label);
      at_most(largest, 255, "as its largest label");
      task.classes = largest + 1;
    }
    const bool labels_fit = attempt({"task.classes", "task.file"},
                                    [&] { check_labels(episodes, task.classes, task.file); });
    m_model_known = m_model_known && labels_fit;
  }

  void check_budget() {
    const std::size_t size = parameter_layout(m_deck).size();
    const int tasks = tasks_per_launch(m_deck);
    if (m_deck.precision == Precision::float64)
      segments_of<double>(m_deck, size, tasks);
    else
      segments_of<float>(m_deck, size, tasks);
  }

  void check_initial() {
    const std::string& path = m_deck.model.initial;
    const std::vector<NamedTensor> initial = read_parameters(path);
    // Shapes that a faulty task would decide are not judged.
    if (m_model_known) {
      ParameterShapes expected;
      const bool rates = std::any_of(initial.begin(), initial.end(), [](const NamedTensor& tensor) {
        return tensor.name.starts_with("rate_");
      });
      if (rates && m_deck.inner.rates != InnerRates::learned)
        throw UserError(path +
                        " has a learned rate for every parameter (rate_…); give \"inner.rates\" "
                        "learned, or parameters without");
      // Parameters without rates start from inner.rate.
      const ParameterLayout layout = rates ? learned_layout(m_deck) : parameter_layout(m_deck);
      for (const ParameterBlock& block : layout.blocks())
        expected.push_back({block.name, block.shape});
      attempt({"model.initial"}, [&] { check_parameter_shapes(initial, expected, path); });
    }
    for (const auto& [name, tensor] : initial)
      attempt({"model.initial"}, [&, &name = name, &tensor = tensor] {
        to_precision(tensor, parameter_precision(m_deck.precision), path, name);
      });
  }

  Deck m_deck;
  const DeckPlaces& m_places;
  FaultList m_faults;
  bool m_model_known = true;  // the deck's features and classes are those of its task
};

}  // namespace

Deck resolve_files(const Deck& deck, const DeckPlaces& places) {
  return FileResolver(deck, places).resolve();
}

}  // namespace theria

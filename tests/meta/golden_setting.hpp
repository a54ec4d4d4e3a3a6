// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/meta/engine.hpp"
#include "src/meta/modes.hpp"
#include "src/meta/pairwise_sum.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/host/golden.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

inline constexpr EngineKind every_engine[] = {EngineKind::general, EngineKind::episode};

/// The deck once for every engine.
inline std::vector<Deck> by_every_engine(const Deck& deck) {
  std::vector<Deck> decks;
  for (const EngineKind kind : every_engine) {
    decks.push_back(deck);
    decks.back().meta.engine = kind;
  }
  return decks;
}

/// One case of meta_gradient.h5 as the engine takes it.
inline Deck golden_deck(const GoldenFile& file, const std::string& group) {
  Deck deck = small_deck();
  const auto support = file.shape(group + "/episodes/x_support");
  deck.task.support = static_cast<int>(support[1]);
  deck.task.query = static_cast<int>(file.shape(group + "/episodes/x_query")[1]);
  deck.task.tokens = static_cast<int>(support[2]);
  deck.task.features = static_cast<int>(support[3]);
  const auto classifier = file.shape(group + "/parameters/initial/classifier_weight");
  deck.task.classes = static_cast<int>(classifier[0]);
  deck.model.width = static_cast<int>(classifier[1]);
  deck.meta.tasks = static_cast<int>(support[0]);
  const std::string mode = file.text(group, "mode"), rule = file.text(group, "optimizer");
  deck.meta.mode = mode == "full"        ? MetaMode::full
                   : mode == "truncated" ? MetaMode::truncated
                   : mode == "implicit"  ? MetaMode::implicit
                                         : MetaMode::first_order_strict;
  deck.meta.last = static_cast<int>(file.number(group, "last"));
  deck.inner.steps = static_cast<int>(file.number(group, "inner_steps"));
  deck.inner.rate = file.number(group, "inner_rate");
  deck.inner.optimizer = rule == "sgd"        ? InnerOptimizer::sgd
                         : rule == "momentum" ? InnerOptimizer::momentum
                                              : InnerOptimizer::adam;
  deck.inner.proximal = file.number(group, "proximal");
  deck.meta.tolerance = 1e-13;  // in float32 as far as it goes
  deck.meta.iterations = 300;
  deck.inner.momentum = file.number(group, "momentum");
  deck.inner.beta1 = file.number(group, "beta1");
  deck.inner.beta2 = file.number(group, "beta2");
  deck.inner.epsilon = file.number(group, "epsilon");
  deck.inner.parameters =
      file.text(group, "parameters") == "head" ? InnerParameters::head : InnerParameters::all;
  return deck;
}

/// Named tensors of a group, put together as flat vectors, one a task.
inline Vector golden_flat(const GoldenFile& file, const std::string& group,
                          const ParameterLayout& layout, std::size_t tasks) {
  Vector flat(tasks * layout.size());
  for (const ParameterBlock& block : layout.blocks()) {
    const Vector values = file.values(group + "/" + block.name);
    for (std::size_t n = 0; n < values.size(); ++n)
      flat[n / block.size() * layout.size() + block.offset + n % block.size()] = values[n];
  }
  return flat;
}

template <class Space, class Scalar>
EpisodeBatch<Space, Scalar> golden_episodes(const GoldenFile& file, const std::string& group,
                                            const Deck& deck) {
  const EpisodeBatch<Space, Scalar> batch(deck, deck.meta.tasks);
  set_values(batch.support.x, file.values(group + "/episodes/x_support"));
  set_values(batch.support.y, file.integers(group + "/episodes/y_support"));
  set_values(batch.query.x, file.values(group + "/episodes/x_query"));
  set_values(batch.query.y, file.integers(group + "/episodes/y_query"));
  return batch;
}

/// The mean over tasks by the engine's own sum, n tasks at a time.
template <class Space, class Scalar>
Vector mean_meta_gradient(const Deck& deck, const ViewOn<Scalar*, Space>& theta,
                          const EpisodeBatch<Space, Scalar>& episodes, int at_a_time) {
  const Space space{};
  const int tasks = episodes.tasks();
  const auto engine = make_engine<Space, Scalar>(deck, at_a_time);
  PairwiseSum<Space, Scalar> sum(static_cast<std::int64_t>(theta.extent(0)), tasks, at_a_time);
  for (int first = 0; first < tasks; first += at_a_time)
    sum.add(space, engine->gradient(space, theta,
                                    part_of(episodes, first, std::min(tasks, first + at_a_time)),
                                    most_swept_steps(deck)));
  const ViewOn<Scalar*, Space> mean("theria::test::mean", theta.extent(0));
  sum.mean(space, mean);
  const auto values = host_values(mean);
  return Vector(values.begin(), values.end());
}

}  // namespace theria::test

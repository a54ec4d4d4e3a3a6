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
  const std::string model = file.text(group, "model"), task = file.text(group, "task"),
                    readout = file.text(group, "readout");
  deck.model.kind = model == "transformer" ? ModelKind::transformer
                    : model == "mlp"       ? ModelKind::mlp
                    : model == "linear"    ? ModelKind::linear
                                           : ModelKind::tiny_attention;
  deck.task.kind = task == "sinusoid"            ? TaskKind::sinusoid
                   : task == "linear_regression" ? TaskKind::linear_regression
                   : task == "quadratic"         ? TaskKind::quadratic
                                                 : TaskKind::sequence_classification;
  deck.model.layers = static_cast<int>(file.number(group, "layers"));
  deck.model.heads = static_cast<int>(file.number(group, "heads"));
  deck.model.causal = file.number(group, "causal") != 0;
  deck.model.attention =
      file.text(group, "attention") == "linear" ? AttentionKind::linear : AttentionKind::softmax;
  deck.model.readout = readout == "last"   ? Readout::last
                       : readout == "mean" ? Readout::mean
                                           : Readout::first;
  const auto support = file.shape(group + "/episodes/x_support");
  deck.task.support = static_cast<int>(support[1]);
  deck.task.query = static_cast<int>(file.shape(group + "/episodes/x_query")[1]);
  deck.task.tokens = static_cast<int>(support[2]);
  deck.task.features = static_cast<int>(support[3]);
  deck.task.classes = 3;  // as all of them
  deck.model.width = 8;
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
  deck.inner.rates =
      file.text(group, "rates") == "learned" ? InnerRates::learned : InnerRates::fixed;
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
  const auto fill = [&](const Batch<Space, Scalar>& set, const std::string& name) {
    set_values(set.x, file.values(group + "/episodes/x_" + name));
    if (is_regression(deck.task.kind))
      set_values(set.target, file.values(group + "/episodes/target_" + name));
    else
      set_values(set.y, file.integers(group + "/episodes/y_" + name));
  };
  fill(batch.support, "support");
  fill(batch.query, "query");
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
    sum.add(space,
            engine->gradient(space, theta, episodes.part(first, std::min(tasks, first + at_a_time)),
                             most_swept_steps(deck)));
  const ViewOn<Scalar*, Space> mean("theria::test::mean", theta.extent(0));
  sum.mean(space, mean, tasks);
  const auto values = host_values(mean);
  return Vector(values.begin(), values.end());
}

}  // namespace theria::test

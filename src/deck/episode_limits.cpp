// SPDX-License-Identifier: Apache-2.0
#include "src/deck/episode_limits.hpp"

#include <fmt/format.h>

namespace theria {

std::string episode_refusal(const Deck& deck) {
  if (deck.model.kind != ModelKind::tiny_attention)
    return fmt::format("model.kind {}: it has tiny_attention", word_of(deck.model.kind));
  if (deck.model.attention != AttentionKind::softmax) return "model.attention linear";
  if (is_regression(deck.task.kind))
    return fmt::format("task.kind {}: it has cross entropy", word_of(deck.task.kind));
  if (deck.precision == Precision::float16)
    return "precision float16: it has float64, float32, and inputs in tfloat32 or bfloat16";
  if (deck.inner.optimizer != InnerOptimizer::sgd)
    return fmt::format("inner.optimizer {}: it has sgd", word_of(deck.inner.optimizer));
  if (deck.inner.parameters != InnerParameters::all) return "inner.parameters head: it adapts all";
  if (deck.meta.store != Store::all)
    return fmt::format("meta.store {}: it keeps the factors of every step",
                       word_of(deck.meta.store));
  if (deck.inner.rates == InnerRates::learned) return "learned rates (inner.rates)";
  if (deck.meta.mode == MetaMode::implicit) return "meta.mode implicit";
  if (deck.inner.proximal != 0) return "a proximal objective (inner.proximal)";
  struct Limit {
    const char* key;
    int value, most;
  };
  for (const Limit& limit : {Limit{"model.width", deck.model.width, 128},
                             {"task.features", deck.task.features, 128},
                             {"task.tokens", deck.task.tokens, 1024},
                             {"task.classes", deck.task.classes, 64},
                             {"task.support", deck.task.support, 128},
                             {"task.query", deck.task.query, 128}})
    if (limit.value > limit.most)
      return fmt::format("{} {}: it takes up to {}", limit.key, limit.value, limit.most);
  return {};
}

std::string impossible_engine(const std::string& refusal) {
  return fmt::format("\"meta.engine\" is episode, which is not for {}; auto or general would do",
                     refusal);
}

}  // namespace theria

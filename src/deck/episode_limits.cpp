// SPDX-License-Identifier: Apache-2.0
#include "src/deck/episode_limits.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace theria {

std::string episode_refusal(const Deck& deck) {
  if (deck.backend == Backend::cuda) return "backend cuda: it runs on openmp alone";
  if (deck.precision != Precision::float64 && deck.precision != Precision::float32)
    return fmt::format("precision {}: it has float64 and float32", word_of(deck.precision));
  if (deck.inner.optimizer != InnerOptimizer::sgd)
    return fmt::format("inner.optimizer {}: it has sgd", word_of(deck.inner.optimizer));
  if (deck.inner.parameters != InnerParameters::all) return "inner.parameters head: it adapts all";
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

std::string episode_excess(const Deck& deck) {
  const std::int64_t b = deck.task.support, t = deck.task.tokens, f = deck.task.features;
  const std::int64_t d = deck.model.width, c = deck.task.classes;
  const bool embedded = f != d;
  // What kernels/episode/layout.hpp keeps of a step, and the parameters.
  const std::int64_t kept = b * (d + 2 * f + 2 * t + 2 * c) + c * (2 * f + d) +
                            (embedded ? 2 * b * d + c * d + d * f : 0);
  const std::int64_t parameters = 3 * d * d + c * d + c + (embedded ? d * f : 0);
  if (kept <= parameters) return {};
  return fmt::format("the episode engine would keep {} numbers of a step, of {} parameters", kept,
                     parameters);
}

}  // namespace theria

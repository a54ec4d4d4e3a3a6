// SPDX-License-Identifier: Apache-2.0
#include "src/meta/engine.hpp"

#include "src/core/error.hpp"
#include "src/meta/episode_engine.hpp"
#include "src/meta/general_engine.hpp"

namespace theria {
namespace {

/// Why the episode engine can't compute this deck; empty where it can.
std::string refusal(const Deck& deck) {
  if (deck.backend == Backend::cuda) return "the episode engine runs on openmp alone";
  if (deck.precision != Precision::float64 && deck.precision != Precision::float32)
    return "the episode engine has no " + std::string(word_of(deck.precision));
  if (deck.inner.optimizer != InnerOptimizer::sgd)
    return "the episode engine has no inner.optimizer " +
           std::string(word_of(deck.inner.optimizer));
  if (deck.inner.parameters != InnerParameters::all)
    return "the episode engine adapts all parameters";
  return episode::refusal(episode_shape(deck));
}

}  // namespace

template <class Space, class Scalar>
LaunchScores<Space, Scalar>::LaunchScores(int tasks) {
  const auto make = [&](const char* name) {
    return ViewOn<Scalar*, Space>(std::string("theria::meta::") + name, tasks);
  };
  support_loss_before = make("support_loss_before");
  query_loss_before = make("query_loss_before");
  query_loss_after = make("query_loss_after");
  query_accuracy_before = make("query_accuracy_before");
  query_accuracy_after = make("query_accuracy_after");
}

EngineChoice choose_engine(const Deck& deck) {
  if (deck.meta.engine == EngineKind::general) return {EngineKind::general, "the deck asks for it"};
  const std::string reason = refusal(deck);
  if (reason.empty())
    return {EngineKind::episode, deck.meta.engine == EngineKind::episode
                                     ? "the deck asks for it"
                                     : "tasks and model are small enough"};
  if (deck.meta.engine == EngineKind::episode)
    throw UserError("\"meta.engine\" is episode, but " + reason +
                    "; expected auto or general for this deck");
  return {EngineKind::general, reason};
}

template <class Scalar>
EngineBytes engine_bytes(const Deck& deck, int tasks) {
  return choose_engine(deck).kind == EngineKind::episode
             ? EpisodeEngine<OpenMP, Scalar>::bytes(deck, tasks)
             : GeneralEngine<OpenMP, Scalar>::bytes(deck, tasks);
}

template EngineBytes engine_bytes<float>(const Deck&, int);
template EngineBytes engine_bytes<double>(const Deck&, int);

template <class Space, class Scalar>
std::unique_ptr<Engine<Space, Scalar>> make_engine(const Deck& deck, int tasks) {
  if constexpr (std::is_same_v<Space, OpenMP>)
    if (choose_engine(deck).kind == EngineKind::episode)
      return std::make_unique<EpisodeEngine<Space, Scalar>>(deck, tasks);
  return std::make_unique<GeneralEngine<Space, Scalar>>(deck, tasks);
}

#define THERIA_INSTANTIATE(SPACE)                                                             \
  template struct LaunchScores<SPACE, float>;                                                 \
  template struct LaunchScores<SPACE, double>;                                                \
  template std::unique_ptr<Engine<SPACE, float>> make_engine<SPACE, float>(const Deck&, int); \
  template std::unique_ptr<Engine<SPACE, double>> make_engine<SPACE, double>(const Deck&, int);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

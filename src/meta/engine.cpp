// SPDX-License-Identifier: Apache-2.0
#include "src/meta/engine.hpp"

#include "src/core/error.hpp"
#include "src/deck/episode_limits.hpp"
#include "src/meta/episode_engine.hpp"
#include "src/meta/general_engine.hpp"

namespace theria {
namespace {

/// Why the episode engine had better not: what it keeps of a step is more than the parameters are; empty where it
/// is not. Depends on neither threads nor batch, so that the choice, and with it every bit, does not.
std::string excess(const Deck& deck) {
  const episode::Shape shape = episode_shape(deck);
  if (shape.kept() <= shape.parameters()) return {};
  return "the episode engine would keep " + std::to_string(shape.kept()) +
         " numbers of a step, of " + std::to_string(shape.parameters()) + " parameters";
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
  const std::string refusal = episode_refusal(deck);
  if (deck.meta.engine == EngineKind::episode) {
    if (refusal.empty()) return {EngineKind::episode, "the deck asks for it"};
    throw UserError(impossible_engine(refusal));
  }
  if (!refusal.empty()) return {EngineKind::general, "the episode engine is not for " + refusal};
  if (const std::string reason = excess(deck); !reason.empty())
    return {EngineKind::general, reason};
  return {EngineKind::episode, "tasks and model are small enough"};
}

InputType input_type(const Deck& deck) {
  if (deck.precision != Precision::tfloat32 && deck.precision != Precision::bfloat16)
    return InputType::full;
  if (choose_engine(deck).kind != EngineKind::episode) return InputType::full;
  return deck.precision == Precision::tfloat32 ? InputType::tfloat32 : InputType::bfloat16;
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

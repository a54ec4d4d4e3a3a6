// SPDX-License-Identifier: Apache-2.0
#include "src/tasks/source.hpp"

#include "src/tasks/digits.hpp"
#include "src/tasks/file.hpp"
#include "src/tasks/linear_regression.hpp"
#include "src/tasks/quadratic.hpp"
#include "src/tasks/rounded.hpp"
#include "src/tasks/sequence_classification.hpp"
#include "src/tasks/sinusoid.hpp"

namespace theria {

int tasks_per_launch(const Deck& deck) {
  return deck.meta.batch == 0 ? deck.meta.tasks : std::min(deck.meta.batch, deck.meta.tasks);
}

template <class Space, class Scalar>
EpisodeBatch<Space, Scalar>::EpisodeBatch(const Deck& deck, int tasks, InputType inputs) {
  const auto make = [&](const char* name, int sequences) {
    const auto uninitialised = [&](const char* what) {
      return Kokkos::view_alloc(std::string("theria::episodes::") + name + what,
                                Kokkos::WithoutInitializing);
    };
    Batch<Space, Scalar> set;
    if (inputs == InputType::bfloat16)
      set.x_bfloat16 = ViewOn<BFloat16****, Space>(uninitialised("::x"), tasks, sequences,
                                                   deck.task.tokens, deck.task.features);
    else
      set.x = ViewOn<Scalar****, Space>(uninitialised("::x"), tasks, sequences, deck.task.tokens,
                                        deck.task.features);
    if (is_regression(deck.task.kind))
      set.target = ViewOn<Scalar***, Space>(uninitialised("::target"), tasks, sequences, 1);
    else
      set.y = ViewOn<std::int32_t**, Space>(uninitialised("::y"), tasks, sequences);
    return set;
  };
  support = make("support", deck.task.support);
  query = make("query", deck.task.query);
}

namespace {

template <class Space, class Scalar>
std::unique_ptr<EpisodeSource<Space, Scalar>> drawn_source(const Deck& deck) {
  switch (deck.task.kind) {
    case TaskKind::digits:
      return std::make_unique<DigitsSource<Space, Scalar>>(deck);
    case TaskKind::sinusoid:
      return std::make_unique<Sinusoid<Space, Scalar>>(deck);
    case TaskKind::linear_regression:
      return std::make_unique<LinearRegression<Space, Scalar>>(deck);
    case TaskKind::quadratic:
      return std::make_unique<Quadratic<Space, Scalar>>(deck);
    case TaskKind::sequence_classification:
    case TaskKind::file:
    case TaskKind::regression_file:
      break;
  }
  return std::make_unique<SequenceClassification<Space, Scalar>>(deck);
}

}  // namespace

template <class Space, class Scalar>
std::unique_ptr<EpisodeSource<Space, Scalar>> make_source(const Deck& deck, std::size_t room,
                                                          InputType inputs) {
  if (reads_episodes(deck.task.kind))
    return std::make_unique<FileSource<Space, Scalar>>(deck, room, inputs);
  auto source = drawn_source<Space, Scalar>(deck);
  if (inputs == InputType::full) return source;
  return std::make_unique<RoundedSource<Space, Scalar>>(deck, std::move(source), inputs);
}

#define THERIA_INSTANTIATE_IN(SPACE, SCALAR)                                                   \
  template struct EpisodeBatch<SPACE, SCALAR>;                                                 \
  template std::unique_ptr<EpisodeSource<SPACE, SCALAR>> make_source(const Deck&, std::size_t, \
                                                                     InputType);
#define THERIA_INSTANTIATE(SPACE)     \
  THERIA_INSTANTIATE_IN(SPACE, float) \
  THERIA_INSTANTIATE_IN(SPACE, double)
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)
template struct EpisodeBatch<PinnedHost, float>;
template struct EpisodeBatch<PinnedHost, double>;

}  // namespace theria

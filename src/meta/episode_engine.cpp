// SPDX-License-Identifier: Apache-2.0
#include "src/meta/episode_engine.hpp"

#include "src/meta/choice.hpp"
#include "src/meta/modes.hpp"
#include "src/models/layout.hpp"

namespace theria {
namespace {

episode::Options options(const Deck& deck, int swept) {
  return {.steps = deck.inner.steps, .swept = swept, .rate = deck.inner.rate};
}

episode::Storage storage(Backend backend) {
  return backend == Backend::cuda ? episode::gpu_storage() : episode::host_storage();
}

template <class Input, class Space, class Scalar>
episode::Set<Input> set_of(const Batch<Space, Scalar>& set) {
  const auto labels = Array<std::int32_t, 2>(set.y);
  if constexpr (std::is_same_v<Input, Scalar>) {
    return {.x = Array<Input, 4>(set.x), .labels = labels};
  } else {
    return {.x = Array<Input, 4>(set.x_bfloat16), .labels = labels};
  }
}

template <class Space, class Scalar>
episode::Arguments<Scalar> arguments(const ViewOn<Scalar*, Space>& theta,
                                     const Array<Scalar, 2>& adapted,
                                     const LaunchScores<Space, Scalar>& scores) {
  return {.theta = Array<Scalar, 1>(theta),
          .adapted = adapted,
          .scores = {.support_loss_before = scores.support_loss_before,
                     .query_loss_after = scores.query_loss_after,
                     .query_accuracy_after = scores.query_accuracy_after}};
}

/// f.operator()<Input>() with the type of the deck's inputs.
template <class Scalar, class Function>
auto with_input(const Deck& deck, const Function& f) {
  if constexpr (std::is_same_v<Scalar, float>) {
    if (input_type(deck) == InputType::bfloat16) return f.template operator()<BFloat16>();
  }
  return f.template operator()<Scalar>();
}

}  // namespace

episode::Shape episode_shape(const Deck& deck) {
  return {.tokens = deck.task.tokens,
          .features = deck.task.features,
          .width = deck.model.width,
          .classes = deck.task.classes,
          .support = deck.task.support,
          .query = deck.task.query,
          .embedded = deck.task.features != deck.model.width};
}

template <class Space, class Scalar>
EpisodeEngine<Space, Scalar>::EpisodeEngine(const Deck& deck, int tasks)
    : m_deck(deck),
      m_shape(episode_shape(deck)),
      m_teams(with_input<Scalar>(
          deck,
          [&]<class Input>() {
            return episode::teams<Scalar, Input>(
                storage(std::is_same_v<Space, OpenMP> ? Backend::openmp : Backend::cuda), m_shape,
                options(deck, most_swept_steps(deck)), tasks);
          })),
      m_meta_gradient(
          Kokkos::view_alloc("theria::meta::meta_gradients", Kokkos::WithoutInitializing), tasks,
          parameter_layout(deck).size()),
      m_scores(tasks) {}

template <class Space, class Scalar>
EngineBytes EpisodeEngine<Space, Scalar>::bytes(const Deck& deck, int tasks) {
  const episode::Shape shape = episode_shape(deck);
  const episode::Options swept = options(deck, most_swept_steps(deck));
  const episode::Storage where = storage(deck.backend);
  return with_input<Scalar>(deck, [&]<class Input>() -> EngineBytes {
    const auto teams =
        static_cast<std::size_t>(episode::teams<Scalar, Input>(where, shape, swept, tasks));
    const std::size_t all = episode::team_bytes<Scalar, Input>(where, shape, swept);
    const std::size_t unswept = episode::team_bytes<Scalar, Input>(where, shape, options(deck, 0));
    return {.sweep = teams * (all - unswept),
            .workspace = teams * unswept + parameter_layout(deck).size() * tasks * sizeof(Scalar) +
                         LaunchScores<Space, Scalar>::bytes(tasks)};
  });
}

template <class Space, class Scalar>
void EpisodeEngine<Space, Scalar>::run(const Space& space, const EpisodeBatch<Space, Scalar>& batch,
                                       const episode::Options& options,
                                       const episode::Arguments<Scalar>& args) {
  with_input<Scalar>(m_deck, [&]<class Input>() {
    const episode::Sets<Input> sets{set_of<Input>(batch.support), set_of<Input>(batch.query)};
    episode::run(space, m_shape, options, sets, args, m_teams, m_workspace);
  });
}

template <class Space, class Scalar>
void EpisodeEngine<Space, Scalar>::adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                         const EpisodeBatch<Space, Scalar>& batch,
                                         const Array<Scalar, 2>& adapted) {
  auto args = arguments(theta, adapted, m_scores);
  args.scores.query_loss_before = m_scores.query_loss_before;
  args.scores.query_accuracy_before = m_scores.query_accuracy_before;
  run(space, batch, options(m_deck, 0), args);
}

template <class Space, class Scalar>
Array<Scalar, 2> EpisodeEngine<Space, Scalar>::gradient(const Space& space,
                                                        const ViewOn<Scalar*, Space>& theta,
                                                        const EpisodeBatch<Space, Scalar>& batch,
                                                        int swept,
                                                        const Array<Scalar, 2>& adapted) {
  auto args = arguments(theta, adapted, m_scores);
  const Array<Scalar, 2> meta_gradient =
      Kokkos::subview(m_meta_gradient, std::pair(0, batch.tasks()), Kokkos::ALL);
  args.meta_gradient = meta_gradient;
  run(space, batch, options(m_deck, swept), args);
  return meta_gradient;
}

#define THERIA_INSTANTIATE(SPACE)             \
  template class EpisodeEngine<SPACE, float>; \
  template class EpisodeEngine<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

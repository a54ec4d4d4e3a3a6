// SPDX-License-Identifier: Apache-2.0
#include "src/meta/general_engine.hpp"

#include <algorithm>

#include "src/meta/modes.hpp"

namespace theria {
namespace {

/// What attention is computed on, where that is less than float32.
std::optional<Storage> narrow(Precision precision) {
  switch (precision) {
    case Precision::tfloat32:
      return Storage::float32;
    case Precision::bfloat16:
      return Storage::bfloat16_in_float;
    case Precision::float16:
      return Storage::float16_in_float;
    default:
      return std::nullopt;
  }
}

template <class Model>
typename Model::Size model_size(const Deck& deck, int tasks) {
  return {.tasks = tasks,
          .sequences = std::max(deck.task.support, deck.task.query),
          .tokens = deck.task.tokens,
          .features = deck.task.features,
          .width = deck.model.width,
          .classes = deck.task.classes,
          .narrow = narrow(deck.precision)};
}

/// Of θ_1 … θ_K the first that is kept for a sweep over the last `swept` steps.
int first_kept(const Deck& deck, int swept) { return std::max(1, deck.inner.steps - swept); }

/// How many are kept: those and θ_K, or one place for the last.
int kept(const Deck& deck) {
  const int steps = deck.inner.steps;
  return std::max(1, steps - first_kept(deck, most_swept_steps(deck)) + 1);
}

/// One parameter vector, shared by n tasks.
template <class Space, class Scalar>
Array<const Scalar, 2> shared(const ViewOn<Scalar*, Space>& theta, std::int64_t n) {
  Array<const Scalar, 2> all;
  all.data = theta.data();
  all.extent = {n, static_cast<std::int64_t>(theta.extent(0))};
  all.stride = {0, 1};
  return all;
}

/// y += x, both (n,P).
template <class Space, class Scalar>
void add(const Space& space, const Array<const Scalar, 2>& x, const Array<Scalar, 2>& y) {
  Kokkos::parallel_for(
      "theria::meta::add",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {y.extent[0], y.extent[1]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) += x(n, p); });
}

/// y = x, both (n,P).
template <class Space, class Scalar>
void copy(const Space& space, const Array<const Scalar, 2>& x, const Array<Scalar, 2>& y) {
  Kokkos::parallel_for(
      "theria::meta::adapted",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {y.extent[0], y.extent[1]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) = x(n, p); });
}

}  // namespace

template <class Space, class Scalar>
GeneralEngine<Space, Scalar>::GeneralEngine(const Deck& deck, int tasks)
    : m_deck(deck),
      m_model(model_size<TinyAttention<Space, Scalar>>(deck, tasks), parameter_layout(deck)),
      m_rule(deck, parameter_layout(deck), tasks, most_swept_steps(deck)),
      m_scores(tasks) {
  const std::size_t size = parameter_layout(deck).size();
  const auto make = [&](const char* name) {
    return ViewOn<Scalar**, Space>(
        Kokkos::view_alloc(std::string("theria::meta::") + name, Kokkos::WithoutInitializing),
        tasks, size);
  };
  m_trajectory = ViewOn<Scalar***, Space>(
      Kokkos::view_alloc("theria::meta::trajectory", Kokkos::WithoutInitializing), kept(deck),
      tasks, size);
  m_step = make("step");
  m_lambda = make("lambda");
  m_direction = make("direction");
}

template <class Space, class Scalar>
EngineBytes GeneralEngine<Space, Scalar>::bytes(const Deck& deck, int tasks) {
  using Model = TinyAttention<Space, Scalar>;
  const ParameterLayout layout = parameter_layout(deck);
  return {
      .sweep = sizeof(Scalar) * layout.size() * tasks * kept(deck) +
               InnerRule<Space, Scalar>::bytes(deck, layout.size(), tasks, most_swept_steps(deck)),
      .workspace = Model::buffer_bytes(model_size<Model>(deck, tasks), layout.has("embedding"),
                                       deck.backend == Backend::cuda) +
                   3 * layout.size() * tasks * sizeof(Scalar) +
                   LaunchScores<Space, Scalar>::bytes(tasks)};
}

template <class Space, class Scalar>
Array<Scalar, 2> GeneralEngine<Space, Scalar>::kept_parameters(int k, int swept, int tasks) const {
  const int slot = std::max(0, k - first_kept(m_deck, swept));
  return Kokkos::subview(m_trajectory, slot, std::pair(0, tasks), Kokkos::ALL);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::inner_loop(const Space& space,
                                              const ViewOn<Scalar*, Space>& theta,
                                              const EpisodeBatch<Space, Scalar>& batch, int swept,
                                              const Array<Scalar, 2>& adapted) {
  const int tasks = batch.tasks(), steps = m_deck.inner.steps;
  m_initial = shared<Space, Scalar>(theta, tasks);
  m_adapted = m_initial;
  const Array<Scalar, 2> gradient = Kokkos::subview(m_step, std::pair(0, tasks), Kokkos::ALL);
  for (int k = 0; k < steps; ++k) {
    typename TinyAttention<Space, Scalar>::Scores scores{};
    if (k == 0) scores.loss = m_scores.support_loss_before;
    m_model.gradient(space, m_adapted, batch.support, gradient, scores);
    // In place where θ_k is not kept.
    const Array<Scalar, 2> next = kept_parameters(k + 1, swept, tasks);
    m_rule.step(space, k, m_adapted, gradient, next);
    m_adapted = next;
  }
  if (steps == 0) m_model.loss(space, m_initial, batch.support, {m_scores.support_loss_before});
  if (adapted) copy<Space, Scalar>(space, m_adapted, adapted);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                         const EpisodeBatch<Space, Scalar>& batch,
                                         const Array<Scalar, 2>& adapted) {
  m_model.loss(space, shared<Space, Scalar>(theta, batch.tasks()), batch.query,
               {m_scores.query_loss_before, m_scores.query_accuracy_before});
  inner_loop(space, theta, batch, 0, adapted);
  m_model.loss(space, m_adapted, batch.query,
               {m_scores.query_loss_after, m_scores.query_accuracy_after});
}

template <class Space, class Scalar>
Array<const Scalar, 2> GeneralEngine<Space, Scalar>::gradient(
    const Space& space, const ViewOn<Scalar*, Space>& theta,
    const EpisodeBatch<Space, Scalar>& batch, int swept, const Array<Scalar, 2>& adapted) {
  const auto cut = [&](const ViewOn<Scalar**, Space>& all) {
    return Array<Scalar, 2>(Kokkos::subview(all, std::pair(0, batch.tasks()), Kokkos::ALL));
  };
  inner_loop(space, theta, batch, swept, adapted);
  const Array<Scalar, 2> lambda = cut(m_lambda), product = cut(m_step),
                         direction = cut(m_direction);
  m_model.gradient(space, m_adapted, batch.query, lambda,
                   {m_scores.query_loss_after, m_scores.query_accuracy_after});
  // λ_k = λ_{k+1} + H(θ_k) λ_g
  for (int k = m_deck.inner.steps - 1; k >= m_deck.inner.steps - swept; --k) {
    const Array<const Scalar, 2> theta_k =
        k == 0 ? m_initial : Array<const Scalar, 2>(kept_parameters(k, swept, batch.tasks()));
    m_rule.reverse(space, k, lambda, direction);
    m_model.hvp(space, theta_k, direction, batch.support, product);
    add<Space, Scalar>(space, product, lambda);
  }
  return lambda;
}

#define THERIA_INSTANTIATE(SPACE)             \
  template class GeneralEngine<SPACE, float>; \
  template class GeneralEngine<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

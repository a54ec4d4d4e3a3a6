// SPDX-License-Identifier: Apache-2.0
#include "src/meta/general_engine.hpp"

#include <algorithm>

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

/// θ_k kept a task: all of θ_1 … θ_K for the reverse sweep, or the last one.
int kept(const Deck& deck) {
  const bool full = deck.meta.mode == MetaMode::full;
  return full ? std::max(deck.inner.steps, 1) : 1;
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

/// y = x − rate · g, all (n,P); y is overwritten and may be x.
template <class Space, class Scalar>
void descend(const Space& space, const Array<const Scalar, 2>& x, Scalar rate,
             const Array<const Scalar, 2>& g, const Array<Scalar, 2>& y) {
  Kokkos::parallel_for(
      "theria::meta::descend",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {y.extent[0], y.extent[1]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { y(n, p) = x(n, p) - rate * g(n, p); });
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
}

template <class Space, class Scalar>
EngineBytes GeneralEngine<Space, Scalar>::bytes(const Deck& deck, int tasks) {
  using Model = TinyAttention<Space, Scalar>;
  const ParameterLayout layout = parameter_layout(deck);
  constexpr std::size_t scores = 5;
  return {.sweep = sizeof(Scalar) * layout.size() * tasks * kept(deck),
          .workspace = Model::buffer_bytes(model_size<Model>(deck, tasks), layout.has("embedding"),
                                           deck.backend == Backend::cuda) +
                       (2 * layout.size() + scores) * tasks * sizeof(Scalar)};
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::inner_loop(const Space& space,
                                              const ViewOn<Scalar*, Space>& theta,
                                              const EpisodeBatch<Space, Scalar>& batch,
                                              const Array<Scalar, 2>& adapted, bool keep) {
  const int tasks = batch.tasks(), steps = m_deck.inner.steps;
  const auto all = std::pair(0, tasks);
  const auto rate = static_cast<Scalar>(m_deck.inner.rate);
  m_initial = shared<Space, Scalar>(theta, tasks);
  m_adapted = m_initial;
  const auto step = Kokkos::subview(m_step, all, Kokkos::ALL);
  for (int k = 0; k < steps; ++k) {
    typename TinyAttention<Space, Scalar>::Scores scores{};
    if (k == 0) scores.loss = m_scores.support_loss_before;
    m_model.gradient(space, m_adapted, batch.support, step, scores);
    const Array<Scalar, 2> next = Kokkos::subview(m_trajectory, keep ? k : 0, all, Kokkos::ALL);
    // θ_{k+1} = θ_k − α g; in place where the θ_k are not kept.
    descend<Space, Scalar>(space, m_adapted, rate, step, next);
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
  inner_loop(space, theta, batch, adapted, false);
  m_model.loss(space, m_adapted, batch.query,
               {m_scores.query_loss_after, m_scores.query_accuracy_after});
}

template <class Space, class Scalar>
Array<const Scalar, 2> GeneralEngine<Space, Scalar>::gradient(
    const Space& space, const ViewOn<Scalar*, Space>& theta,
    const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& adapted) {
  const bool full = m_deck.meta.mode == MetaMode::full;
  const auto all = std::pair(0, batch.tasks());
  const auto rate = static_cast<Scalar>(m_deck.inner.rate);
  inner_loop(space, theta, batch, adapted, full);

  const auto lambda = Kokkos::subview(m_lambda, all, Kokkos::ALL);
  const auto product = Kokkos::subview(m_step, all, Kokkos::ALL);
  const Array<const Scalar, 2> lambda_in{Array<Scalar, 2>(lambda)};
  m_model.gradient(space, m_adapted, batch.query, lambda,
                   {m_scores.query_loss_after, m_scores.query_accuracy_after});
  for (int k = m_deck.inner.steps - 1; full && k >= 0; --k) {
    Array<const Scalar, 2> theta_k = m_initial;
    if (k > 0) theta_k = Array<Scalar, 2>(Kokkos::subview(m_trajectory, k - 1, all, Kokkos::ALL));
    m_model.hvp(space, theta_k, lambda_in, batch.support, product);
    descend<Space, Scalar>(space, lambda, rate, product, lambda);
  }
  return lambda_in;
}

#define THERIA_INSTANTIATE(SPACE)             \
  template class GeneralEngine<SPACE, float>; \
  template class GeneralEngine<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

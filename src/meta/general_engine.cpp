// SPDX-License-Identifier: Apache-2.0
#include "src/meta/general_engine.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/meta/kept_steps.hpp"
#include "src/meta/modes.hpp"
#include "src/meta/task_vectors.hpp"

namespace theria {
namespace {

/// Whether a sweep passes something on to θ_0 directly.
bool pulls(const Deck& deck) { return deck.inner.proximal != 0 && most_swept_steps(deck) > 0; }

}  // namespace

template <class Space, class Scalar>
GeneralEngine<Space, Scalar>::GeneralEngine(const Deck& deck, int tasks)
    : m_deck(deck),
      m_size(parameter_layout(deck).size()),
      m_model(deck, tasks),
      m_segments(segments_of<Scalar>(deck, m_size, tasks)),
      m_rule(deck, parameter_layout(deck), tasks, m_segments.kept(), m_segments.stored()),
      m_scores(tasks) {
  const auto make = [&](const char* name, std::size_t size) {
    return ViewOn<Scalar**, Space>(
        Kokkos::view_alloc(std::string("theria::meta::") + name, Kokkos::WithoutInitializing),
        tasks, size);
  };
  m_trajectory = ViewOn<Scalar***, Space>(
      Kokkos::view_alloc("theria::meta::trajectory", Kokkos::WithoutInitializing),
      places(m_segments), tasks, m_size);
  if (m_segments.stored() > 0)
    m_stored = ViewOn<Scalar***, Space>(
        Kokkos::view_alloc("theria::meta::trajectory::stored", Kokkos::WithoutInitializing),
        m_segments.stored(), tasks, m_size);
  m_step = make("step", m_size);
  m_lambda = make("lambda", learned_layout(deck).size());
  m_direction = make("direction", m_size);
  if (pulls(deck)) m_pull = make("pull", m_size);
  if (deck.meta.mode == MetaMode::implicit) m_cg.emplace(tasks, m_size);
}

template <class Space, class Scalar>
EngineBytes GeneralEngine<Space, Scalar>::bytes(const Deck& deck, int tasks) {
  const ParameterLayout layout = parameter_layout(deck);
  const std::size_t vectors = pulls(deck) ? 4 : 3;
  return {.sweep = kept_bytes<Scalar>(deck, layout.size(), tasks,
                                      segments_of<Scalar>(deck, layout.size(), tasks)),
          .workspace = Model<Space, Scalar>::buffer_bytes(deck, tasks) +
                       ((vectors - 1) * layout.size() + learned_layout(deck).size()) * tasks *
                           sizeof(Scalar) +
                       (deck.meta.mode == MetaMode::implicit
                            ? ConjugateGradients<Space, Scalar>::bytes(tasks, layout.size())
                            : 0) +
                       LaunchScores<Space, Scalar>::bytes(tasks)};
}

template <class Space, class Scalar>
Array<Scalar, 2> GeneralEngine<Space, Scalar>::kept_parameters(int place, int tasks) const {
  return Kokkos::subview(m_trajectory, place, std::pair(0, tasks), Kokkos::ALL);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::inner_gradient(
    const Space& space, const Array<const Scalar, 2>& theta,
    const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& gradient,
    const typename Model<Space, Scalar>::Scores& scores) {
  m_model.gradient(space, theta, batch.support, gradient, scores);
  if (m_deck.inner.proximal == 0) return;
  const auto rho = static_cast<Scalar>(m_deck.inner.proximal);
  add<Space, Scalar>(space, rho, theta, gradient);
  add<Space, Scalar>(space, -rho, m_initial, gradient);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::step(const Space& space, int k,
                                        typename InnerRule<Space, Scalar>::Place place,
                                        const Array<const Scalar, 2>& theta,
                                        const EpisodeBatch<Space, Scalar>& batch,
                                        const Array<Scalar, 2>& next,
                                        const typename Model<Space, Scalar>::Scores& scores) {
  const Array<Scalar, 2> gradient = part(m_step, batch.tasks());
  inner_gradient(space, theta, batch, gradient, scores);
  if (k == 0 && m_cg) m_first_slope = m_cg->dots(space, gradient, gradient);
  m_rule.step(space, k, place, theta, gradient, next);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::inner_loop(const Space& space,
                                              const ViewOn<Scalar*, Space>& theta,
                                              const EpisodeBatch<Space, Scalar>& batch, int swept,
                                              const Array<Scalar, 2>& adapted) {
  const int tasks = batch.tasks(), steps = m_deck.inner.steps;
  m_initial = shared<Space, Scalar>(theta, tasks, m_size);
  if (m_deck.inner.rates == InnerRates::learned)
    m_rule.start(Array<Scalar, 1>(
        Kokkos::subview(theta, std::pair(m_size, static_cast<std::size_t>(theta.extent(0))))));
  m_adapted = m_initial;
  const Segments segments{steps, swept, m_segments.length};
  const int first_kept = std::max(1, steps - segments.kept());  // of θ_1 … θ_K
  for (int k = 0; k < steps; ++k) {
    typename Model<Space, Scalar>::Scores scores{};
    if (k == 0) scores.loss = m_scores.support_loss_before;
    if (const int segment = segments.stored_at(k); segment > 0) {
      copy<Space, Scalar>(space, m_adapted, stored(segment, tasks));
      m_rule.store(space, segment - 1);
    }
    // In place where θ_k is not kept.
    const Array<Scalar, 2> next = kept_parameters(std::max(0, k + 1 - first_kept), tasks);
    const int slot = k - (steps - segments.kept());
    step(space, k, {.slot = std::max(-1, slot), .unswept = k < steps - swept}, m_adapted, batch,
         next, scores);
    m_adapted = next;
  }
  if (steps == 0) m_model.loss(space, m_initial, batch.support, {m_scores.support_loss_before});
  if (adapted) copy<Space, Scalar>(space, m_adapted, adapted);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                         const EpisodeBatch<Space, Scalar>& batch,
                                         const Array<Scalar, 2>& adapted) {
  m_model.loss(space, shared<Space, Scalar>(theta, batch.tasks(), m_size), batch.query,
               {m_scores.query_loss_before, m_scores.query_accuracy_before});
  inner_loop(space, theta, batch, 0, adapted);
  m_model.loss(space, m_adapted, batch.query,
               {m_scores.query_loss_after, m_scores.query_accuracy_after});
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::sweep(const Space& space,
                                         const EpisodeBatch<Space, Scalar>& batch, int swept,
                                         const Array<Scalar, 2>& lambda) {
  const int tasks = batch.tasks();
  const auto rho = static_cast<Scalar>(m_deck.inner.proximal);
  const Array<Scalar, 2> product = part(m_step, tasks), direction = part(m_direction, tasks);
  const Array<Scalar, 2> lambda_rates = lambda_of_rates(tasks);
  if (lambda_rates) clear<Space, Scalar>(space, lambda_rates);
  const bool pulled = rho != 0 && swept > 0;
  if (pulled) clear<Space, Scalar>(space, part(m_pull, tasks));
  const int steps = m_deck.inner.steps;
  const Segments segments{steps, swept, m_segments.length};
  for (int segment = 0; segment < segments.count(); ++segment) {
    const int start = segments.start(segment);
    const int end = segment == 0 ? steps : segments.start(segment - 1);
    // Of the last segment θ_{K−L} is in the first place, of the others the start was stored; θ_0 is never copied.
    const int shift = start == 0 || segment > 0 ? start + 1 : start;
    if (segment > 0) make_again(space, segment, start, end, batch);
    // λ_k = λ_{k+1} + (H(θ_k) + ρ) λ_g, and −ρ λ_g to θ_0
    for (int k = end - 1; k >= start; --k) {
      const Array<const Scalar, 2> theta_k =
          k == 0                      ? m_initial
          : k == start && segment > 0 ? Array<const Scalar, 2>(stored(segment, tasks))
                                      : Array<const Scalar, 2>(kept_parameters(k - shift, tasks));
      m_rule.reverse(space, k, k - start, lambda, direction, lambda_rates);
      m_model.hvp(space, theta_k, direction, batch.support, product);
      add<Space, Scalar>(space, 1, product, lambda);
      if (rho == 0) continue;
      add<Space, Scalar>(space, rho, direction, lambda);
      add<Space, Scalar>(space, -rho, direction, part(m_pull, tasks));
    }
  }
  if (lambda_rates && swept < steps) m_rule.reverse_unswept(space, lambda, lambda_rates);
  if (pulled) add<Space, Scalar>(space, 1, part(m_pull, tasks), lambda);
}

template <class Space, class Scalar>
void GeneralEngine<Space, Scalar>::make_again(const Space& space, int segment, int start, int end,
                                              const EpisodeBatch<Space, Scalar>& batch) {
  const int tasks = batch.tasks();
  Array<const Scalar, 2> theta = m_initial;
  if (start > 0) {
    theta = stored(segment, tasks);
    m_rule.restore(space, segment - 1);
  }
  // The last step is gone through for what its rule keeps alone; where it goes to is of no use.
  const int last = m_rule.keeps() ? end : end - 1;
  for (int k = start; k < last; ++k) {
    const Array<Scalar, 2> next = kept_parameters(k - start, tasks);
    step(space, k, {.slot = k - start}, theta, batch, next, {});
    theta = next;
  }
}

template <class Space, class Scalar>
Array<Scalar, 2> GeneralEngine<Space, Scalar>::solve(const Space& space,
                                                     const EpisodeBatch<Space, Scalar>& batch,
                                                     const Array<const Scalar, 2>& lambda) {
  const int tasks = batch.tasks();
  const auto inverse = static_cast<Scalar>(1 / m_deck.inner.proximal);
  const Array<Scalar, 2> solution = part(m_direction, tasks), slope = part(m_step, tasks);
  this->m_certificate = m_cg->solve(
      space,
      [&](const Array<const Scalar, 2>& x, const Array<Scalar, 2>& a_x) {
        m_model.hvp(space, m_adapted, x, batch.support, a_x);
        scale_and_add<Space, Scalar>(space, inverse, x, a_x);
      },
      lambda, solution, m_deck.meta.tolerance, m_deck.meta.iterations);
  // Of a system that overflowed nothing is known.
  for (int n = 0; n < tasks; ++n)
    if (!std::isfinite(this->m_certificate.residual[n]))
      Kokkos::deep_copy(space, Kokkos::subview(m_direction, n, Kokkos::ALL),
                        std::numeric_limits<Scalar>::quiet_NaN());
  inner_gradient(space, m_adapted, batch, slope, {});
  const std::vector<double> last = m_cg->dots(space, slope, slope);
  for (int n = 0; n < tasks; ++n) {
    const double first = m_deck.inner.steps == 0 ? last[n] : m_first_slope[n];
    this->m_certificate.stationarity.push_back(first == 0 ? 0 : std::sqrt(last[n] / first));
  }
  return solution;
}

template <class Space, class Scalar>
Array<Scalar, 2> GeneralEngine<Space, Scalar>::gradient(const Space& space,
                                                        const ViewOn<Scalar*, Space>& theta,
                                                        const EpisodeBatch<Space, Scalar>& batch,
                                                        int swept,
                                                        const Array<Scalar, 2>& adapted) {
  inner_loop(space, theta, batch, swept, adapted);
  const Array<Scalar, 2> lambda = lambda_of_parameters(batch.tasks());
  m_model.gradient(space, m_adapted, batch.query, lambda,
                   {m_scores.query_loss_after, m_scores.query_accuracy_after});
  if (m_cg) return solve(space, batch, lambda);
  sweep(space, batch, swept, lambda);
  return part(m_lambda, batch.tasks());
}

#define THERIA_INSTANTIATE(SPACE)             \
  template class GeneralEngine<SPACE, float>; \
  template class GeneralEngine<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

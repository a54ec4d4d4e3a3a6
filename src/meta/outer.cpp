// SPDX-License-Identifier: Apache-2.0
#include "src/meta/outer.hpp"

#include <algorithm>
#include <cmath>

namespace theria {

double outer_rate(const OuterDeck& deck, int step) {
  if (step < deck.warmup) return deck.rate * (step + 1) / deck.warmup;
  if (deck.schedule == Schedule::constant) return deck.rate;
  const double done = step - deck.warmup, all = std::max(deck.steps - deck.warmup, 1);
  return deck.rate * (1 + std::cos(Kokkos::numbers::pi * done / all)) / 2;
}

template <class Space, class Scalar>
OuterOptimiser<Space, Scalar>::OuterOptimiser(const OuterDeck& deck, std::size_t size)
    : m_deck(deck) {
  if (deck.optimizer == OuterOptimizer::sgd) return;
  m_mean = ViewOn<Scalar*, Space>("theria::meta::adam::mean", size);
  m_square = ViewOn<Scalar*, Space>("theria::meta::adam::square", size);
}

template <class Space, class Scalar>
void OuterOptimiser<Space, Scalar>::step(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                         const ViewOn<Scalar*, Space>& gradient, double norm) {
  const double beta = outer_rate(m_deck, m_steps);
  ++m_steps;
  const bool long_one = m_deck.clip > 0 && norm > m_deck.clip;
  const auto scale = static_cast<Scalar>(long_one ? m_deck.clip / norm : 1);
  const auto rate = static_cast<Scalar>(beta);
  const Kokkos::RangePolicy<Space> all(space, 0, theta.extent(0));
  if (m_deck.optimizer == OuterOptimizer::sgd) {
    Kokkos::parallel_for(
        "theria::meta::sgd", all,
        KOKKOS_LAMBDA(std::int64_t p) { theta(p) -= rate * (scale * gradient(p)); });
    return;
  }
  const bool decays = m_deck.optimizer == OuterOptimizer::adamw;
  const auto kept = static_cast<Scalar>(decays ? 1 - beta * m_deck.weight_decay : 1);
  const auto beta1 = static_cast<Scalar>(m_deck.beta1), beta2 = static_cast<Scalar>(m_deck.beta2);
  const auto epsilon = static_cast<Scalar>(m_deck.epsilon);
  const auto correct1 = static_cast<Scalar>(1 / (1 - std::pow(m_deck.beta1, m_steps)));
  const auto correct2 = static_cast<Scalar>(1 / (1 - std::pow(m_deck.beta2, m_steps)));
  const auto mean = m_mean, square = m_square;
  Kokkos::parallel_for(
      "theria::meta::adam", all, KOKKOS_LAMBDA(std::int64_t p) {
        const Scalar g = scale * gradient(p);
        mean(p) = beta1 * mean(p) + (1 - beta1) * g;
        square(p) = beta2 * square(p) + (1 - beta2) * g * g;
        theta(p) = kept * theta(p) -
                   rate * (mean(p) * correct1) / (Kokkos::sqrt(square(p) * correct2) + epsilon);
      });
}

#define THERIA_INSTANTIATE(SPACE)              \
  template class OuterOptimiser<SPACE, float>; \
  template class OuterOptimiser<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

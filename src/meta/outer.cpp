// SPDX-License-Identifier: Apache-2.0
#include "src/meta/outer.hpp"

#include <cmath>

namespace theria {

template <class Space, class Scalar>
OuterOptimiser<Space, Scalar>::OuterOptimiser(const OuterDeck& deck, std::size_t size)
    : m_deck(deck) {
  if (deck.optimizer != OuterOptimizer::adam) return;
  m_mean = ViewOn<Scalar*, Space>("theria::meta::adam::mean", size);
  m_square = ViewOn<Scalar*, Space>("theria::meta::adam::square", size);
}

template <class Space, class Scalar>
void OuterOptimiser<Space, Scalar>::step(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                         const ViewOn<Scalar*, Space>& gradient) {
  ++m_steps;
  const auto rate = static_cast<Scalar>(m_deck.rate);
  const Kokkos::RangePolicy<Space> all(space, 0, theta.extent(0));
  if (m_deck.optimizer == OuterOptimizer::sgd) {
    Kokkos::parallel_for(
        "theria::meta::sgd", all,
        KOKKOS_LAMBDA(std::int64_t p) { theta(p) -= rate * gradient(p); });
    return;
  }
  const auto beta1 = static_cast<Scalar>(m_deck.beta1), beta2 = static_cast<Scalar>(m_deck.beta2);
  const auto epsilon = static_cast<Scalar>(m_deck.epsilon);
  const auto correct1 = static_cast<Scalar>(1 / (1 - std::pow(m_deck.beta1, m_steps)));
  const auto correct2 = static_cast<Scalar>(1 / (1 - std::pow(m_deck.beta2, m_steps)));
  const auto mean = m_mean, square = m_square;
  Kokkos::parallel_for(
      "theria::meta::adam", all, KOKKOS_LAMBDA(std::int64_t p) {
        const Scalar g = gradient(p);
        mean(p) = beta1 * mean(p) + (1 - beta1) * g;
        square(p) = beta2 * square(p) + (1 - beta2) * g * g;
        theta(p) -= rate * (mean(p) * correct1) / (Kokkos::sqrt(square(p) * correct2) + epsilon);
      });
}

#define THERIA_INSTANTIATE(SPACE)              \
  template class OuterOptimiser<SPACE, float>; \
  template class OuterOptimiser<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

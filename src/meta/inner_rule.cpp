// SPDX-License-Identifier: Apache-2.0
#include "src/meta/inner_rule.hpp"

#include <cmath>

#include "src/meta/for_each_number.hpp"

namespace theria {
namespace {

/// The constants of Adam in step k, from 0; correct1 and correct2 are 1/(1 − βᵏ⁺¹).
template <class Scalar>
struct Adam {
  Scalar beta1, beta2, epsilon, correct1, correct2;

  Adam(const InnerDeck& deck, int k)
      : beta1(static_cast<Scalar>(deck.beta1)),
        beta2(static_cast<Scalar>(deck.beta2)),
        epsilon(static_cast<Scalar>(deck.epsilon)),
        correct1(static_cast<Scalar>(1 / (1 - std::pow(deck.beta1, k + 1)))),
        correct2(static_cast<Scalar>(1 / (1 - std::pow(deck.beta2, k + 1)))) {}
};

int states(InnerOptimizer optimizer) {
  return optimizer == InnerOptimizer::adam ? 2 : optimizer == InnerOptimizer::momentum ? 1 : 0;
}

}  // namespace

template <class Space, class Scalar>
InnerRule<Space, Scalar>::InnerRule(const Deck& deck, const ParameterLayout& layout, int tasks,
                                    int kept, int stored)
    : m_deck(deck.inner),
      m_first(deck.inner.parameters == InnerParameters::head
                  ? static_cast<std::int64_t>(layout.head())
                  : 0) {
  const std::size_t size = layout.size();
  const auto make = [&](const char* name) {
    return ViewOn<Scalar**, Space>(std::string("theria::meta::inner::") + name, tasks, size);
  };
  const auto keep = [&](int count) {
    if (count == 0) return ViewOn<Scalar***, Space>();
    return ViewOn<Scalar***, Space>(
        Kokkos::view_alloc("theria::meta::inner::kept", Kokkos::WithoutInitializing), count, tasks,
        size);
  };
  if (m_deck.rates == InnerRates::learned) {
    m_kept_g = keep(kept);
    m_unswept_g = make("unswept_g");
  }
  if (states(m_deck.optimizer) > 0) {
    m_m = make("m");
    m_lambda_m = make("lambda_m");
    m_stored_m = keep(stored);
  }
  if (m_deck.optimizer != InnerOptimizer::adam) return;
  m_v = make("v");
  m_lambda_v = make("lambda_v");
  m_stored_v = keep(stored);
  for (auto* all : {&m_kept_g, &m_kept_m, &m_kept_v}) *all = keep(kept);
}

template <class Space, class Scalar>
std::size_t InnerRule<Space, Scalar>::bytes(const Deck& deck, std::size_t size, int tasks, int kept,
                                            int stored) {
  const std::size_t vectors = (2 + stored) * states(deck.inner.optimizer) +
                              (deck.inner.optimizer == InnerOptimizer::adam ? 3 * kept : 0) +
                              (deck.inner.rates == InnerRates::learned ? kept + 1 : 0);
  return vectors * size * tasks * sizeof(Scalar);
}

template <class Space, class Scalar>
void InnerRule<Space, Scalar>::store(const Space& space, int at) const {
  const auto place = [&](const ViewOn<Scalar***, Space>& all) {
    return Kokkos::subview(all, at, Kokkos::ALL, Kokkos::ALL);
  };
  if (m_m.size() > 0) Kokkos::deep_copy(space, place(m_stored_m), m_m);
  if (m_v.size() > 0) Kokkos::deep_copy(space, place(m_stored_v), m_v);
}

template <class Space, class Scalar>
void InnerRule<Space, Scalar>::restore(const Space& space, int at) const {
  const auto place = [&](const ViewOn<Scalar***, Space>& all) {
    return Kokkos::subview(all, at, Kokkos::ALL, Kokkos::ALL);
  };
  if (m_m.size() > 0) Kokkos::deep_copy(space, m_m, place(m_stored_m));
  if (m_v.size() > 0) Kokkos::deep_copy(space, m_v, place(m_stored_v));
}

template <class Space, class Scalar>
void InnerRule<Space, Scalar>::step(const Space& space, int k, Place place,
                                    const Array<const Scalar, 2>& theta,
                                    const Array<const Scalar, 2>& g, const Array<Scalar, 2>& next) {
  const std::int64_t tasks = next.extent[0], size = next.extent[1], first = m_first;
  const auto rate = static_cast<Scalar>(m_deck.rate);
  const auto m = m_m, v = m_v;
  const int slot = place.slot;
  const bool unswept = place.unswept;
  const auto kept_g = m_kept_g;
  if (m_deck.rates == InnerRates::learned) {
    const auto rates = m_rates;
    const auto unswept_g = m_unswept_g;
    for_each_number(
        "theria::meta::inner::learned_rates", space, tasks, size,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
          const Scalar slope = p < first ? Scalar(0) : g(n, p);
          if (slot >= 0) kept_g(slot, n, p) = slope;
          if (k == 0 || unswept)
            unswept_g(n, p) =
                (k == 0 ? Scalar(0) : unswept_g(n, p)) + (unswept ? slope : Scalar(0));
          next(n, p) = theta(n, p) - rates(p) * slope;
        });
    return;
  }
  if (m_deck.optimizer == InnerOptimizer::sgd) {
    for_each_number(
        "theria::meta::inner::sgd", space, tasks, size,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
          next(n, p) = p < first ? theta(n, p) : theta(n, p) - rate * g(n, p);
        });
    return;
  }
  if (m_deck.optimizer == InnerOptimizer::momentum) {
    const auto mu = static_cast<Scalar>(m_deck.momentum);
    for_each_number(
        "theria::meta::inner::momentum", space, tasks, size,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
          const Scalar before = k == 0 ? Scalar(0) : m(n, p);
          m(n, p) = mu * before + (p < first ? Scalar(0) : g(n, p));
          next(n, p) = theta(n, p) - rate * m(n, p);
        });
    return;
  }
  const Adam<Scalar> adam(m_deck, k);
  const auto kept_m = m_kept_m, kept_v = m_kept_v;
  for_each_number(
      "theria::meta::inner::adam", space, tasks, size,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
        const Scalar slope = p < first ? Scalar(0) : g(n, p);
        const Scalar m_before = k == 0 ? Scalar(0) : m(n, p),
                     v_before = k == 0 ? Scalar(0) : v(n, p);
        const Scalar m_after = adam.beta1 * m_before + (1 - adam.beta1) * slope;
        const Scalar v_after = adam.beta2 * v_before + (1 - adam.beta2) * slope * slope;
        m(n, p) = m_after;
        v(n, p) = v_after;
        if (slot >= 0) {
          kept_g(slot, n, p) = slope;
          kept_m(slot, n, p) = m_after;
          kept_v(slot, n, p) = v_after;
        }
        const Scalar root = Kokkos::sqrt(v_after * adam.correct2 + adam.epsilon * adam.epsilon);
        next(n, p) = theta(n, p) - rate * (m_after * adam.correct1) / root;
      });
}

template <class Space, class Scalar>
void InnerRule<Space, Scalar>::reverse(const Space& space, int k, int slot,
                                       const Array<const Scalar, 2>& lambda,
                                       const Array<Scalar, 2>& lambda_g,
                                       const Array<Scalar, 2>& lambda_rates) {
  const std::int64_t tasks = lambda_g.extent[0], size = lambda_g.extent[1], first = m_first;
  const auto rate = static_cast<Scalar>(m_deck.rate);
  const bool last = k == m_deck.steps - 1;
  const auto lambda_m = m_lambda_m, lambda_v = m_lambda_v;
  const auto kept_g = m_kept_g;
  if (m_deck.rates == InnerRates::learned) {
    const auto rates = m_rates;
    for_each_number(
        "theria::meta::inner::learned_rates_reverse", space, tasks, size,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
          lambda_g(n, p) = p < first ? Scalar(0) : -rates(p) * lambda(n, p);
          lambda_rates(n, p) -= lambda(n, p) * kept_g(slot, n, p);
        });
    return;
  }
  if (m_deck.optimizer == InnerOptimizer::sgd) {
    for_each_number(
        "theria::meta::inner::sgd_reverse", space, tasks, size,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
          lambda_g(n, p) = p < first ? Scalar(0) : -rate * lambda(n, p);
        });
    return;
  }
  if (m_deck.optimizer == InnerOptimizer::momentum) {
    const auto mu = static_cast<Scalar>(m_deck.momentum);
    for_each_number(
        "theria::meta::inner::momentum_reverse", space, tasks, size,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
          const Scalar after = (last ? Scalar(0) : lambda_m(n, p)) - rate * lambda(n, p);
          lambda_m(n, p) = mu * after;
          lambda_g(n, p) = p < first ? Scalar(0) : after;
        });
    return;
  }
  const Adam<Scalar> adam(m_deck, k);
  const auto kept_m = m_kept_m, kept_v = m_kept_v;
  for_each_number(
      "theria::meta::inner::adam_reverse", space, tasks, size,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
        const Scalar root =
            Kokkos::sqrt(kept_v(slot, n, p) * adam.correct2 + adam.epsilon * adam.epsilon);
        const Scalar along = rate * lambda(n, p) / root;
        const Scalar mean = kept_m(slot, n, p) * adam.correct1;
        const Scalar m_after = (last ? Scalar(0) : lambda_m(n, p)) - along * adam.correct1;
        const Scalar v_after =
            (last ? Scalar(0) : lambda_v(n, p)) + along * mean / (2 * root * root) * adam.correct2;
        lambda_m(n, p) = adam.beta1 * m_after;
        lambda_v(n, p) = adam.beta2 * v_after;
        const Scalar slope = kept_g(slot, n, p);
        lambda_g(n, p) = p < first
                             ? Scalar(0)
                             : (1 - adam.beta1) * m_after + 2 * (1 - adam.beta2) * slope * v_after;
      });
}

template <class Space, class Scalar>
void InnerRule<Space, Scalar>::reverse_unswept(const Space& space,
                                               const Array<const Scalar, 2>& lambda,
                                               const Array<Scalar, 2>& lambda_rates) const {
  const auto unswept_g = m_unswept_g;
  for_each_number(
      "theria::meta::inner::learned_rates_unswept", space, lambda.extent[0], lambda.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
        lambda_rates(n, p) -= lambda(n, p) * unswept_g(n, p);
      });
}

#define THERIA_INSTANTIATE(SPACE)         \
  template class InnerRule<SPACE, float>; \
  template class InnerRule<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

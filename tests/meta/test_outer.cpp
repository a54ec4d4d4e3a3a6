// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/meta/outer.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

constexpr std::size_t size = 37;
constexpr int outer_steps = 20;

/// The gradient of step t: of many sizes, and zero now and then.
inline Vector gradient_at(int t) {
  Vector g = random_vector(size, 100 + static_cast<std::uint64_t>(t));
  for (std::size_t p = 0; p < size; ++p) g[p] *= std::pow(10.0, static_cast<double>(p % 9) - 6);
  g[3] = 0;
  return g;
}

inline double norm_of(const Vector& g) {
  double square = 0;
  for (const double x : g) square += x * x;
  return std::sqrt(square);
}

/// Twenty steps of the optimiser on Space.
template <class Space, class Scalar>
Vector optimised(const OuterDeck& deck) {
  const auto theta = parameters_on<Space, Scalar>(random_vector(size, 1));
  OuterOptimiser<Space, Scalar> optimiser(deck, size);
  for (int t = 0; t < outer_steps; ++t) {
    const Vector g = gradient_at(t);
    optimiser.step(Space{}, theta, parameters_on<Space, Scalar>(g), norm_of(g));
    Kokkos::fence("theria::test");
  }
  const auto values = host_values(theta);
  return Vector(values.begin(), values.end());
}

/// Adam as its paper has it (Kingma and Ba, Algorithm 1), one parameter after the other.
inline Vector adam_by_hand(const OuterDeck& deck) {
  Vector theta = random_vector(size, 1);
  for (std::size_t p = 0; p < size; ++p) {
    double m = 0, v = 0;
    for (int t = 1; t <= outer_steps; ++t) {
      const Vector all = gradient_at(t - 1);
      const double norm = norm_of(all);
      const double g = all[p] * (deck.clip > 0 ? std::min(1.0, deck.clip / norm) : 1.0);
      m = deck.beta1 * m + (1 - deck.beta1) * g;
      v = deck.beta2 * v + (1 - deck.beta2) * g * g;
      const double m_hat = m / (1 - std::pow(deck.beta1, t));
      const double v_hat = v / (1 - std::pow(deck.beta2, t));
      const double rate = outer_rate(deck, t - 1);
      if (deck.optimizer == OuterOptimizer::adamw) theta[p] -= rate * deck.weight_decay * theta[p];
      theta[p] -= rate * m_hat / (std::sqrt(v_hat) + deck.epsilon);
    }
  }
  return theta;
}

inline OuterDeck outer(OuterOptimizer optimizer) {
  OuterDeck deck = small_deck().outer;
  deck.optimizer = optimizer;
  deck.rate = 0.01;
  return deck;
}

TEST_CASE_TEMPLATE("SGD subtracts rate times gradient", Place, THERIA_TEST_SPACES_AND_SCALARS) {
  const OuterDeck deck = outer(OuterOptimizer::sgd);
  Vector theta = random_vector(size, 1);
  for (int t = 0; t < outer_steps; ++t) theta = combine(1, theta, -deck.rate, gradient_at(t));
  // Twenty roundings of numbers of size 1.
  const double bar = sizeof(typename Place::Scalar) == 8 ? 5e-15 : 2e-6;
  CHECK(allclose(optimised<typename Place::Space, typename Place::Scalar>(deck), theta, bar));
}

TEST_CASE_TEMPLATE("Adam is the paper's, and a gradient of zero moves nothing", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const double epsilon : {1e-8, 1e-3}) {
    OuterDeck deck = outer(OuterOptimizer::adam);
    deck.epsilon = epsilon;
    const Vector theta = optimised<typename Place::Space, typename Place::Scalar>(deck);
    // Twenty steps of 0.01, each off by a few roundings; in float32, 1 − β₂ = 0.001 itself is off
    // by 2e-5 of itself, the same in every average of squares.
    const double bar = sizeof(typename Place::Scalar) == 8 ? 5e-15 : 1e-5;
    CHECK(allclose(theta, adam_by_hand(deck), bar));
    CHECK(theta[3] == random_vector(size, 1)[3]);
  }
}

TEST_CASE_TEMPLATE("AdamW, clipped, warmed up and cooled down, against one parameter at a time",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  OuterDeck deck = outer(OuterOptimizer::adamw);
  deck.weight_decay = 0.3;
  deck.clip = 0.5;  // some of the twenty gradients are longer
  deck.steps = outer_steps;
  deck.schedule = Schedule::cosine;
  deck.warmup = 4;
  const double bar = sizeof(typename Place::Scalar) == 8 ? 5e-15 : 1e-5;  // as above
  CHECK(allclose(optimised<typename Place::Space, typename Place::Scalar>(deck), adam_by_hand(deck),
                 bar));
}

TEST_CASE("the outer rate rises, then falls to nothing after the last step") {
  OuterDeck deck = outer(OuterOptimizer::sgd);
  CHECK(outer_rate(deck, 17) == deck.rate);
  deck.warmup = 4;
  CHECK(outer_rate(deck, 0) == deck.rate / 4);
  CHECK(outer_rate(deck, 3) == deck.rate);
  CHECK(outer_rate(deck, 1000) == deck.rate);
  deck.schedule = Schedule::cosine;
  deck.steps = 24;
  CHECK(outer_rate(deck, 4) == deck.rate);
  CHECK(std::abs(outer_rate(deck, 14) - deck.rate / 2) < 1e-17);
  CHECK(outer_rate(deck, 24) == 0);
}

TEST_CASE_TEMPLATE("a meta-gradient longer than outer.clip is shortened to it", Space,
                   THERIA_TEST_SPACES) {
  OuterDeck deck = outer(OuterOptimizer::sgd);
  deck.rate = 1;
  deck.clip = 2;
  const auto theta = parameters_on<Space, double>({0, 0});
  OuterOptimiser<Space, double> optimiser(deck, 2);
  optimiser.step(Space{}, theta, parameters_on<Space, double>({3, 4}), 5);
  const auto values = host_values(theta);
  CHECK(allclose(Vector(values.begin(), values.end()), {-1.2, -1.6}, 1e-15));
}

TEST_CASE_TEMPLATE("Adam's first step has the length of the rate, whatever the gradient's", Space,
                   THERIA_TEST_SPACES) {
  const OuterDeck deck = outer(OuterOptimizer::adam);
  const auto theta = parameters_on<Space, double>({1, 1, 1});
  OuterOptimiser<Space, double> optimiser(deck, 3);
  optimiser.step(Space{}, theta, parameters_on<Space, double>({1e-3, -5, 1e6}), 1e6);
  // ε against the smallest gradient: 1e-8 / 1e-3.
  const auto values = host_values(theta);
  CHECK(allclose(Vector(values.begin(), values.end()), {0.99, 1.01, 0.99}, 2e-7));
}

}  // namespace theria::test

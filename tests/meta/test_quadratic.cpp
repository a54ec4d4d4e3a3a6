// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// The closed forms of one task with loss mean_s (w·x_s − y_s)², whose Hessian H = 2 XᵀX/s and gradient H w − b,
/// b = 2 Xᵀy/s, are exact (d, d) matrices and vectors.
struct QuadraticTask {
  std::size_t d;
  Vector h, b;

  QuadraticTask(const Vector& x, const Vector& y, std::size_t n, std::size_t features)
      : d(features), h(d * d), b(d) {
    const std::size_t count = y.size() / 3;  // of three tasks, task n
    for (std::size_t s = n * count; s < (n + 1) * count; ++s)
      for (std::size_t i = 0; i < d; ++i) {
        b[i] += 2 * x[s * d + i] * y[s] / static_cast<double>(count);
        for (std::size_t j = 0; j < d; ++j)
          h[i * d + j] += 2 * x[s * d + i] * x[s * d + j] / static_cast<double>(count);
      }
  }
  Vector times(const Vector& v) const {
    Vector product(d);
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j) product[i] += h[i * d + j] * v[j];
    return product;
  }
  Vector gradient(const Vector& w) const { return combine(1, times(w), -1, b); }
};

/// (I + H/ρ)⁻¹ v by Gauss and Jordan's method; the matrix is positive definite.
inline Vector solved(const QuadraticTask& task, double rho, Vector v) {
  const std::size_t d = task.d;
  Vector a(d * d);
  for (std::size_t e = 0; e < d * d; ++e) a[e] = task.h[e] / rho + (e % (d + 1) == 0 ? 1 : 0);
  for (std::size_t c = 0; c < d; ++c)
    for (std::size_t r = 0; r < d; ++r) {
      if (r == c) continue;
      const double factor = a[r * d + c] / a[c * d + c];
      for (std::size_t j = 0; j < d; ++j) a[r * d + j] -= factor * a[c * d + j];
      v[r] -= factor * v[c];
    }
  for (std::size_t c = 0; c < d; ++c) v[c] /= a[c * d + c];
  return v;
}

inline Deck quadratic_deck(MetaMode mode, int steps) {
  Deck deck = regression_deck(TaskKind::quadratic, ModelKind::linear);
  deck.task.support = 9;
  deck.task.query = 5;
  deck.task.noise_std = 0.1;
  deck.meta.tasks = 3;
  deck.meta.mode = mode;
  deck.inner.steps = steps;
  deck.inner.rate = 0.1;
  return deck;
}

/// The mean meta-gradient of three tasks by closed form: adaptation is affine, θ_K = θ_0 − α Σ (H θ_k − b), with the
/// Jacobian (I − α H)ᴷ.
template <class Space>
Vector by_closed_form(const Deck& deck, const EpisodeBatch<Space, double>& episodes,
                      const Vector& theta) {
  const auto values = [](const auto& view) {
    const auto all = host_values(view);
    return Vector(all.begin(), all.end());
  };
  const auto d = static_cast<std::size_t>(deck.task.features);
  Vector mean(d);
  for (std::size_t n = 0; n < 3; ++n) {
    const QuadraticTask support(values(episodes.support.x), values(episodes.support.target), n, d),
        query(values(episodes.query.x), values(episodes.query.target), n, d);
    const double rho = deck.inner.proximal;
    Vector w = theta;
    for (int k = 0; k < deck.inner.steps; ++k) {
      const Vector pull = combine(rho, w, -rho, theta);
      w = combine(1, w, -deck.inner.rate, combine(1, support.gradient(w), 1, pull));
    }
    Vector lambda = query.gradient(w);
    if (deck.meta.mode == MetaMode::implicit) lambda = solved(support, rho, lambda);
    if (deck.meta.mode == MetaMode::full)
      for (int k = 0; k < deck.inner.steps; ++k)
        lambda = combine(1, lambda, -deck.inner.rate, support.times(lambda));
    mean = combine(1, mean, 1.0 / 3, lambda);
  }
  return mean;
}

TEST_CASE_TEMPLATE("quadratic tasks: every meta-gradient against its closed form", Space,
                   THERIA_TEST_SPACES) {
  for (const MetaMode mode : {MetaMode::full, MetaMode::first_order, MetaMode::implicit})
    for (const int steps : {0, 1, 7, 1000}) {
      Deck deck = quadratic_deck(mode, steps);
      if (mode == MetaMode::implicit) {
        deck.inner.proximal = 1;
        deck.meta.tolerance = 1e-14;
        deck.meta.iterations = 100;
      }
      CAPTURE(effective_deck(deck));
      const auto episodes = drawn_episodes<Space, double>(deck, 3);
      const Vector theta = initial_parameters(deck, parameter_layout(deck));
      const Vector ours =
          mean_meta_gradient<Space, double>(deck, parameters_on<Space, double>(theta), episodes, 3);
      // Roundings of 1000 steps that contract; of the query gradient's size, since over many steps it shrinks to 0.
      CHECK(allclose(ours, by_closed_form(deck, episodes, theta), 1e-13, 1));
    }
}

TEST_CASE_TEMPLATE("quadratic tasks: the implicit meta-gradient is the limit of long unrolling",
                   Space, THERIA_TEST_SPACES) {
  Deck unrolled = quadratic_deck(MetaMode::full, 400);
  unrolled.inner.proximal = 1;
  Deck implicit = unrolled;
  implicit.meta.mode = MetaMode::implicit;
  implicit.meta.tolerance = 1e-14;
  implicit.meta.iterations = 100;
  const auto episodes = drawn_episodes<Space, double>(unrolled, 3);
  const Vector theta = initial_parameters(unrolled, parameter_layout(unrolled));
  const auto on_device = parameters_on<Space, double>(theta);
  // (1 − α(ρ + h))^400 with α ρ = 0.1 and h ≥ 0: at most 5e-19.
  CHECK(allclose(mean_meta_gradient<Space, double>(implicit, on_device, episodes, 3),
                 mean_meta_gradient<Space, double>(unrolled, on_device, episodes, 3), 1e-13, 1));
}

}  // namespace theria::test

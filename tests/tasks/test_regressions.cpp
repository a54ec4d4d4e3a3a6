// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernels/random/sine.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

constexpr TaskKind regressions[] = {TaskKind::sinusoid, TaskKind::linear_regression,
                                    TaskKind::quadratic};

/// One set of a batch of tasks on the host: x (n,s,t,f) and target (n,s).
struct HostSet {
  Vector x, target;

  template <class Space, class Scalar>
  explicit HostSet(const Batch<Space, Scalar>& set) {
    const auto values = host_values(set.x);
    const auto targets = host_values(set.target);
    x.assign(values.begin(), values.end());
    target.assign(targets.begin(), targets.end());
  }
};

/// Of the least squares solution the largest residual; rows (rows.size()/d, d), by Gram and Schmidt's method.
inline double misfit(Vector rows, Vector y, std::size_t d) {
  const std::size_t count = y.size();
  for (std::size_t c = 0; c < d; ++c) {
    const auto column = [&](std::size_t r) -> double& { return rows[r * d + c]; };
    double square = 0, along = 0;
    for (std::size_t r = 0; r < count; ++r) {
      square += column(r) * column(r);
      along += column(r) * y[r];
    }
    for (std::size_t later = c + 1; later < d; ++later) {
      double share = 0;
      for (std::size_t r = 0; r < count; ++r) share += column(r) * rows[r * d + later];
      for (std::size_t r = 0; r < count; ++r) rows[r * d + later] -= share / square * column(r);
    }
    for (std::size_t r = 0; r < count; ++r) y[r] -= along / square * column(r);
  }
  double most = 0;
  for (const double residual : y) most = std::max(most, std::abs(residual));
  return most;
}

TEST_CASE("sine: as the library's, without a library") {
  for (int n = -4000; n <= 4000; ++n) {
    const double x = n / 400.0 * 3.3;
    // Both are within 2e-16 of the sine.
    CHECK(std::abs(random::sine(x) - std::sin(x)) < 4e-16);
  }
  CHECK(random::sine(0) == 0);
}

TEST_CASE_TEMPLATE("sinusoid: points of one sine wave a task, of every amplitude and phase", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = regression_deck(TaskKind::sinusoid, ModelKind::mlp);
  deck.task.support = 10;
  deck.task.query = 7;
  const int tasks = 300;
  const auto batch = drawn_episodes<Space, double>(deck, tasks);
  const HostSet support(batch.support), query(batch.query);
  double least_x = 0, most_x = 0, least = 9, most = 0;
  for (std::size_t n = 0; n < tasks; ++n) {
    Vector rows, y;
    double amplitude = 0;
    const auto add = [&](double x, double target) {
      least_x = std::min(least_x, x);
      most_x = std::max(most_x, x);
      amplitude = std::max(amplitude, std::abs(target));
      rows.insert(rows.end(), {std::sin(x), std::cos(x)});
      y.push_back(target);
    };
    for (std::size_t s = 0; s < 10; ++s) add(support.x[n * 10 + s], support.target[n * 10 + s]);
    for (std::size_t s = 0; s < 7; ++s) add(query.x[n * 7 + s], query.target[n * 7 + s]);
    // A sin(x + φ) is a sin x + b cos x, for all 17 points: rounding of amplitude 5.
    CHECK(misfit(rows, y, 2) < 1e-13);
    least = std::min(least, amplitude);
    most = std::max(most, amplitude);
  }
  CHECK(least_x >= -5);
  CHECK(least_x < -4.9);
  CHECK(most_x <= 5);
  CHECK(most_x > 4.9);
  CHECK(least < 0.3);
  CHECK(most <= 5);
  CHECK(most > 4.7);
}

TEST_CASE_TEMPLATE("quadratic: one linear function a task; the support set alone is noisy", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = regression_deck(TaskKind::quadratic, ModelKind::linear);
  deck.task.support = deck.task.query = 12;
  const auto exact = drawn_episodes<Space, double>(deck, 400);
  deck.task.noise_std = 0.5;
  const auto noisy = drawn_episodes<Space, double>(deck, 400);
  const HostSet support(exact.support), query(exact.query);
  const HostSet noisy_support(noisy.support), noisy_query(noisy.query);
  for (const HostSet* set : {&support, &query}) {
    const Vector rows(set->x.begin(), set->x.begin() + 36);
    const Vector y(set->target.begin(), set->target.begin() + 12);
    CHECK(misfit(rows, y, 3) < 1e-13);  // rounding of numbers of size 3
  }
  CHECK(same_bits(noisy_support.x, support.x));
  CHECK(same_bits(noisy_query.target, query.target));
  double square = 0;
  for (std::size_t e = 0; e < support.target.size(); ++e)
    square += std::pow(noisy_support.target[e] - support.target[e], 2);
  // 4800 squares of mean 1/4: five standard deviations of their mean, 5·(1/4)·√(2/4800).
  CHECK(std::abs(square / 4800 - 0.25) < 0.026);
}

TEST_CASE_TEMPLATE("linear_regression: each sequence is a data set and a question", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = regression_deck(TaskKind::linear_regression, ModelKind::tiny_attention);
  deck.task.tokens = 9;
  const auto batch = drawn_episodes<Space, double>(deck, 3);
  const HostSet support(batch.support);
  for (std::size_t sequence = 0; sequence < 3 * 4; ++sequence) {
    Vector rows, y;
    for (std::size_t t = 0; t < 9; ++t) {
      const double* const token = &support.x[(sequence * 9 + t) * 4];
      for (int f = 0; f < 3; ++f) CHECK(std::abs(token[f]) <= 1);
      rows.insert(rows.end(), token, token + 3);
      y.push_back(t == 0 ? support.target[sequence] : token[3]);
    }
    CHECK(support.x[sequence * 36 + 3] == 0);  // the question does not hold its answer
    CHECK(misfit(rows, y, 3) < 1e-13);
  }
}

TEST_CASE_TEMPLATE("regressions: a task is the same in any batch; splits, sets and seeds differ",
                   Space, THERIA_TEST_SPACES) {
  for (const TaskKind kind : regressions) {
    Deck deck = regression_deck(kind, ModelKind::mlp);
    deck.task.noise_std = 0.1;
    const auto all = drawn_episodes<Space, double>(deck, 5);
    const HostSet whole(all.support), fourth(drawn_episodes<Space, double>(deck, 1, 3).support);
    const auto part = [&](const Vector& x) {
      const auto each = static_cast<std::ptrdiff_t>(x.size() / 5);
      return Vector(x.begin() + 3 * each, x.begin() + 4 * each);
    };
    CHECK(same_bits(part(whole.x), fourth.x));
    CHECK(same_bits(part(whole.target), fourth.target));
    const HostSet held_out(drawn_episodes<Space, double>(deck, 5, 0, Split::held_out).support);
    CHECK_FALSE(same_bits(whole.x, held_out.x));
    CHECK_FALSE(same_bits(whole.target, held_out.target));
    CHECK_FALSE(same_bits(HostSet(all.query.part(0, 1)).x, HostSet(all.support.part(0, 1)).x));
    deck.seed += 1;
    CHECK_FALSE(same_bits(whole.x, HostSet(drawn_episodes<Space, double>(deck, 5).support).x));
  }
}

TEST_CASE_TEMPLATE("regressions: float32 is float64 rounded, and a device draws the host's bits",
                   Space, THERIA_TEST_SPACES) {
  for (const TaskKind kind : regressions) {
    Deck deck = regression_deck(kind, ModelKind::mlp);
    deck.task.noise_std = 0.1;
    const HostSet here(drawn_episodes<Space, double>(deck, 4).support),
        host(drawn_episodes<OpenMP, double>(deck, 4).support),
        narrow(drawn_episodes<Space, float>(deck, 4).support);
    CHECK(same_bits(here.x, host.x));
    CHECK(same_bits(here.target, host.target));
    for (std::size_t e = 0; e < here.target.size(); ++e)
      CHECK(static_cast<float>(here.target[e]) == static_cast<float>(narrow.target[e]));
  }
}

}  // namespace theria::test

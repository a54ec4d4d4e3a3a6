// SPDX-License-Identifier: Apache-2.0
// Implicit meta-gradients against a long unrolled loop, and what their certificates say.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// So near to its start that steps of 0.1 contract by 1 − 0.1 (4 + H) a step.
Deck proximal_deck(int steps) {
  Deck deck = small_deck();
  deck.inner.steps = steps;
  deck.inner.rate = 0.1;
  deck.inner.proximal = 4;
  deck.meta.mode = MetaMode::implicit;
  deck.meta.tolerance = 1e-12;
  deck.meta.iterations = 200;
  return deck;
}

template <class Space>
struct Solved {
  Vector gradients;
  Certificate certificate;
};
template <class Space>
Solved<Space> solved(const Deck& deck) {
  const auto theta = parameters_on<Space, double>(initial_parameters(deck, parameter_layout(deck)));
  const auto episodes = drawn_episodes<Space, double>(deck, deck.meta.tasks);
  const auto engine = make_engine<Space, double>(deck, deck.meta.tasks);
  const auto gradients = engine->gradient(Space{}, theta, episodes, most_swept_steps(deck));
  return {host_values<Space>(gradients), engine->certificate()};
}

double largest(const std::vector<double>& values) {
  return *std::max_element(values.begin(), values.end());
}

TEST_CASE_TEMPLATE("an implicit meta-gradient is that of a loop that has converged", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = proximal_deck(120);
  const Solved<Space> implicit = solved<Space>(deck);
  const Certificate& c = implicit.certificate;
  CHECK(c.residual.size() == std::size_t(deck.meta.tasks));
  CHECK(largest(c.residual) <= deck.meta.tolerance);
  CHECK(largest(c.stationarity) <= 1e-12);  // 0.6^120 is 1e-27
  CHECK(largest(c.symmetry_defect) <= 1e-13);
  CHECK(std::count(c.converged.begin(), c.converged.end(), 1) == deck.meta.tasks);
  CHECK(*std::min_element(c.iterations.begin(), c.iterations.end()) > 1);
  deck.meta.mode = MetaMode::full;
  const Solved<Space> unrolled = solved<Space>(deck);
  CHECK(unrolled.certificate.residual.empty());
  // 1/(1 − 0.6) times the tolerance, and some hundred roundings.
  CHECK(allclose(implicit.gradients, unrolled.gradients, 1e-11));
}

TEST_CASE("a certificate says how far from a minimum a short loop ended") {
  const Certificate few = solved<OpenMP>(proximal_deck(2)).certificate;
  const Certificate more = solved<OpenMP>(proximal_deck(8)).certificate;
  for (std::size_t n = 0; n < few.stationarity.size(); ++n) {
    CHECK(few.stationarity[n] > 0.1);
    CHECK(more.stationarity[n] < 0.2 * few.stationarity[n]);
  }
}

TEST_CASE("a system that isn't solved, or isn't positive definite, is told of") {
  Deck deck = proximal_deck(5);
  deck.meta.iterations = 2;
  Certificate c = solved<OpenMP>(deck).certificate;
  for (std::size_t n = 0; n < c.residual.size(); ++n) {
    CHECK(c.iterations[n] == 2);
    CHECK(c.positive[n] == 1);
    CHECK(c.converged[n] == 0);
    CHECK(c.residual[n] > deck.meta.tolerance);
  }
  deck = proximal_deck(0);  // at random parameters the Hessian is indefinite
  deck.inner.proximal = 1e-3;
  c = solved<OpenMP>(deck).certificate;
  CHECK(std::count(c.positive.begin(), c.positive.end(), 0) > 0);
  CHECK(
      std::all_of(c.residual.begin(), c.residual.end(), [](double x) { return std::isfinite(x); }));
}

TEST_CASE("a residual is judged as it is, not as the recursion has it") {
  Deck deck = proximal_deck(5);
  deck.meta.tolerance = 1e-30;  // below what float64 attains
  const Certificate c = solved<OpenMP>(deck).certificate;
  for (std::size_t n = 0; n < c.residual.size(); ++n) {
    CHECK(c.residual[n] < 1e-12);
    CHECK(c.converged[n] == 0);
  }
}

TEST_CASE("adaptation that blew up is never certified") {
  Deck deck = proximal_deck(60);
  deck.inner.proximal = 1e6;
  const Solved<OpenMP> blown = solved<OpenMP>(deck);
  const Certificate& c = blown.certificate;
  for (std::size_t n = 0; n < c.residual.size(); ++n) {
    CHECK(c.converged[n] == 0);
    CHECK_FALSE(std::isfinite(c.residual[n]));
  }
  CHECK(worst_task({0.5, 2, std::nan(""), 1}) == 2);
  CHECK(worst_task({0.5, 2, 1}) == 1);
}

TEST_CASE("without any product that helps, the query gradient itself is kept") {
  Deck deck = proximal_deck(0);
  deck.inner.proximal = 1e-9;
  deck.meta.tasks = 40;  // of which some gradients point along negative curvature
  const Solved<OpenMP> kept = solved<OpenMP>(deck);
  deck.meta.mode = MetaMode::first_order;
  const Vector plain = solved<OpenMP>(deck).gradients;
  const std::size_t size = plain.size() / static_cast<std::size_t>(deck.meta.tasks);
  int first = 0;
  for (std::size_t n = 0; n < kept.certificate.positive.size(); ++n) {
    if (kept.certificate.iterations[n] != 1) continue;
    ++first;
    CHECK(kept.certificate.positive[n] == 0);
    const auto at = static_cast<std::ptrdiff_t>(n * size),
               end = static_cast<std::ptrdiff_t>((n + 1) * size);
    CHECK(same_bits(Vector(kept.gradients.begin() + at, kept.gradients.begin() + end),
                    Vector(plain.begin() + at, plain.begin() + end)));
  }
  CHECK(first > 0);
}

TEST_CASE_TEMPLATE("implicit meta-gradients have the same bits for any number of tasks a launch",
                   Space, THERIA_TEST_SPACES) {
  Deck deck = proximal_deck(5);
  deck.meta.tasks = 7;
  deck.meta.tolerance = 1e-6;
  const auto theta = parameters_on<Space, double>(initial_parameters(deck, parameter_layout(deck)));
  const auto episodes = drawn_episodes<Space, double>(deck, 7);
  const Vector all = mean_meta_gradient<Space, double>(deck, theta, episodes, 7);
  for (const int at_a_time : {1, 3})
    CHECK(same_bits(mean_meta_gradient<Space, double>(deck, theta, episodes, at_a_time), all));
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/models/model.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// The model on the support sets of some tasks, each task with parameters of its own.
template <class Space, class Scalar>
class ModelAtWork {
 public:
  /// Buffers for `room` tasks, of which the episodes' are used.
  ModelAtWork(const Deck& deck, const EpisodeBatch<Space, Scalar>& episodes, int room)
      : m_layout(parameter_layout(deck)),
        m_episodes(episodes),
        m_tasks(static_cast<std::size_t>(episodes.tasks())),
        m_model(deck, room) {}

  std::size_t numbers() const { return m_tasks * m_layout.size(); }

  Vector loss(const Vector& theta) {
    const Flat at = flat(theta);
    const DeviceTensor<Space, Scalar, 1> loss({m_tasks});
    m_model.loss(Space{}, at.in(), m_episodes.support, {loss.out()});
    return loss.values();
  }
  Vector gradient(const Vector& theta) {
    const Flat at = flat(theta), d_theta({m_tasks, m_layout.size()});
    m_model.gradient(Space{}, at.in(), m_episodes.support, d_theta.out(), {});
    return d_theta.values();
  }
  Vector hvp(const Vector& theta, const Vector& theta_dot) {
    const Flat at = flat(theta), along = flat(theta_dot), d_theta_dot({m_tasks, m_layout.size()});
    m_model.hvp(Space{}, at.in(), along.in(), m_episodes.support, d_theta_dot.out());
    return d_theta_dot.values();
  }

 private:
  using Flat = DeviceTensor<Space, Scalar, 2>;
  Flat flat(const Vector& theta) const { return Flat({m_tasks, m_layout.size()}, theta); }

  ParameterLayout m_layout;
  EpisodeBatch<Space, Scalar> m_episodes;
  std::size_t m_tasks;
  Model<Space, Scalar> m_model;
};

template <class Space, class Scalar>
ModelAtWork<Space, Scalar> at_work(const Deck& deck, int tasks) {
  return {deck, drawn_episodes<Space, Scalar>(deck, tasks), tasks};
}

/// The parts of x that belong to one task each.
inline Vector task_dots(const Vector& x, const Vector& y, std::size_t tasks) {
  Vector sums(tasks);
  for (std::size_t n = 0; n < x.size(); ++n) sums[n / (x.size() / tasks)] += x[n] * y[n];
  return sums;
}

template <class Space>
void check_gradient(const Deck& deck) {
  const std::size_t tasks = 3;
  auto model = at_work<Space, double>(deck, tasks);
  const Vector theta = random_vector(model.numbers(), 1);
  const Vector gradient = model.gradient(theta);
  const double size = norm(gradient);
  const ParameterLayout layout = parameter_layout(deck);
  // One parameter at a time, in all tasks at once. Truncation h²/6 times a third derivative of
  // size 1, rounding 1e-16/h: about 2e-11 at h = 1e-5.
  for (std::size_t p = 0; p < layout.size(); p += 7) {
    Vector along(theta.size());
    for (std::size_t n = 0; n < tasks; ++n) along[n * layout.size() + p] = 1;
    CAPTURE(p);
    CHECK(allclose(
        task_dots(gradient, along, tasks),
        central_difference([&](const Vector& x) { return model.loss(x); }, theta, along, 1e-5),
        1e-9, size));
  }
  // All of them: directions of norm 10 and more, h times smaller for the same truncation.
  const Vector along = random_vector(theta.size(), 2);
  CHECK(allclose(
      task_dots(gradient, along, tasks),
      central_difference([&](const Vector& x) { return model.loss(x); }, theta, along, 1e-6),
      1e-8));
}

TEST_CASE_TEMPLATE("models: the gradient against central differences", Space, THERIA_TEST_SPACES) {
  for (const auto& [name, deck] : every_model()) {
    INFO(name);
    check_gradient<Space>(deck);
  }
}

template <class Space>
void check_hvp(const Deck& deck) {
  const std::size_t tasks = 3;
  auto model = at_work<Space, double>(deck, tasks);
  const Vector theta = random_vector(model.numbers(), 1);
  const Vector u = random_vector(model.numbers(), 2), v = random_vector(model.numbers(), 3);
  const Vector along_v = model.hvp(theta, v), along_u = model.hvp(theta, u);
  // As above, with directions of norm 12: h times smaller for the same truncation.
  CHECK(allclose(
      along_v,
      central_difference([&](const Vector& x) { return model.gradient(x); }, theta, v, 1e-6),
      1e-8));
  // uᵀHv = vᵀHu, task by task; the contract's bar for symmetry.
  CHECK(allclose(task_dots(u, along_v, tasks), task_dots(v, along_u, tasks), 1e-12,
                 norm(u) * norm(along_v)));
  // H is linear: the direction is only ever multiplied, so that a power of two comes out exactly.
  CHECK(same_bits(model.hvp(theta, combine(4, v, 0, v)), combine(4, along_v, 0, v)));
  CHECK(allclose(model.hvp(theta, combine(1, u, 1, v)), combine(1, along_u, 1, along_v), 1e-13));
  CHECK(largest_finite(model.hvp(theta, Vector(v.size()))) == 0);
}

TEST_CASE_TEMPLATE("models: the HVP against differences, symmetric, linear", Space,
                   THERIA_TEST_SPACES) {
  for (const auto& [name, deck] : every_model()) {
    INFO(name);
    check_hvp<Space>(deck);
  }
}

template <class Space, class Scalar>
void check_tasks_are_independent(const Deck& deck) {
  const int tasks = 4;
  const auto episodes = drawn_episodes<Space, Scalar>(deck, tasks);
  ModelAtWork<Space, Scalar> together(deck, episodes, tasks);
  const Vector theta = random_vector(together.numbers(), 1);
  const Vector v = random_vector(together.numbers(), 2);
  const Vector loss = together.loss(theta), gradient = together.gradient(theta),
               hvp = together.hvp(theta, v);
  const std::size_t size = theta.size() / tasks;
  for (const auto& [from, to] : {std::pair{0, 1}, {1, 3}, {3, 4}}) {
    const auto cut = [&, first = from, last = to](const Vector& x, std::size_t each) {
      return Vector(x.begin() + static_cast<std::ptrdiff_t>(first * each),
                    x.begin() + static_cast<std::ptrdiff_t>(last * each));
    };
    // More room than tasks: the buffers of a shorter last launch. Just as much: everything lies elsewhere.
    for (const int room : {tasks, to - from}) {
      ModelAtWork<Space, Scalar> part(deck, episodes.part(from, to), room);
      CHECK(same_bits(part.loss(cut(theta, size)), cut(loss, 1)));
      CHECK(same_bits(part.gradient(cut(theta, size)), cut(gradient, size)));
      CHECK(same_bits(part.hvp(cut(theta, size), cut(v, size)), cut(hvp, size)));
    }
  }
}

TEST_CASE_TEMPLATE("models: a task's bits do not depend on its batch", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const auto& [name, deck] : every_model()) {
    INFO(name);
    check_tasks_are_independent<typename Place::Space, typename Place::Scalar>(deck);
  }
  // As large as tensor cores take, with statistics of rows that are no whole words: 65 tokens of 5 sequences.
  Deck large = transformer_deck(false, Readout::mean);
  large.task.tokens = 65;
  large.task.support = 5;
  large.model.width = 64;
  large.model.heads = 1;
  large.model.layers = 1;
  check_tasks_are_independent<typename Place::Space, typename Place::Scalar>(large);
}

template <class Space, class Scalar>
void check_shared_parameters(const Deck& deck) {
  const int tasks = 3;
  const auto episodes = drawn_episodes<Space, Scalar>(deck, tasks);
  ModelAtWork<Space, Scalar> own(deck, episodes, tasks);
  const ParameterLayout layout = parameter_layout(deck);
  const Vector theta = initial_parameters(deck, layout);
  Vector copies;
  for (int n = 0; n < tasks; ++n) copies.insert(copies.end(), theta.begin(), theta.end());
  Model<Space, Scalar> model(deck, tasks);
  const auto on_device = parameters_on<Space, Scalar>(theta);
  const DeviceTensor<Space, Scalar, 2> d_theta({3, layout.size()});
  const DeviceTensor<Space, Scalar, 1> loss({3}), accuracy({3});
  model.gradient(Space{}, shared_by<Space, Scalar>(on_device, tasks), episodes.support,
                 d_theta.out(), {loss.out(), accuracy.out()});
  CHECK(same_bits(d_theta.values(), own.gradient(copies)));
  CHECK(same_bits(loss.values(), own.loss(copies)));
  for (const double share : accuracy.values()) {
    if (is_regression(deck.task.kind)) continue;  // no classes, not written
    CHECK(share >= 0);
    CHECK(share <= 1);
  }
}

TEST_CASE_TEMPLATE("models: parameters shared by stride 0 act as copies", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const auto& [name, deck] : every_model()) {
    INFO(name);
    check_shared_parameters<typename Place::Space, typename Place::Scalar>(deck);
  }
}

}  // namespace theria::test

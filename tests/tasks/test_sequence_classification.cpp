// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// One task on the host: x (sequence, token, feature) and y, support first.
struct HostTask {
  std::size_t sequences, tokens, features;
  Vector x;
  std::vector<std::int32_t> y;

  /// Token t of sequence s.
  Vector token(std::size_t s, std::size_t t) const {
    const auto start = x.begin() + static_cast<std::ptrdiff_t>((s * tokens + t) * features);
    return Vector(start, start + static_cast<std::ptrdiff_t>(features));
  }
};

/// Appends one set of every task.
template <class Space, class Scalar>
void append(std::vector<HostTask>& tasks, const Batch<Space, Scalar>& set) {
  const auto x = host_values(set.x);
  const auto y = host_values(set.y);
  const std::size_t numbers = x.size() / tasks.size(), labels = y.size() / tasks.size();
  for (std::size_t n = 0; n < tasks.size(); ++n) {
    tasks[n].x.insert(tasks[n].x.end(), x.begin() + n * numbers, x.begin() + (n + 1) * numbers);
    tasks[n].y.insert(tasks[n].y.end(), y.begin() + n * labels, y.begin() + (n + 1) * labels);
    tasks[n].sequences = tasks[n].y.size();
    tasks[n].tokens = set.x.extent(2);
    tasks[n].features = set.x.extent(3);
  }
}

/// The tasks of a batch, in order.
template <class Space, class Scalar>
std::vector<HostTask> on_host(const EpisodeBatch<Space, Scalar>& batch) {
  std::vector<HostTask> tasks(static_cast<std::size_t>(batch.tasks()));
  append(tasks, batch.support);
  append(tasks, batch.query);
  return tasks;
}

inline Deck sequence_deck() {
  Deck deck = small_deck();
  deck.task.tokens = 9;
  deck.task.signals = 4;
  deck.task.classes = 5;
  deck.task.support = 12;
  deck.task.query = 10;
  return deck;
}

/// Without noise a token is not zero just where it is a signal.
inline std::set<std::size_t> signals(const HostTask& task, std::size_t s) {
  std::set<std::size_t> found;
  for (std::size_t t = 0; t < task.tokens; ++t)
    if (largest_finite(task.token(s, t)) > 0) found.insert(t);
  return found;
}

TEST_CASE_TEMPLATE("sequences: positions are distinct, never 0, and shared by support and query",
                   Space, THERIA_TEST_SPACES) {
  Deck deck = sequence_deck();
  deck.task.noise_std = 0;
  std::set<std::set<std::size_t>> seen;
  for (const HostTask& task : on_host(drawn_episodes<Space, double>(deck, 40))) {
    const auto positions = signals(task, 0);
    CHECK(positions.size() == 4);
    CHECK(positions.count(0) == 0);
    for (std::size_t s = 1; s < task.sequences; ++s) REQUIRE(signals(task, s) == positions);
    seen.insert(positions);
  }
  CHECK(seen.size() > 20);  // of 70 sets of 4 among 8
}

TEST_CASE_TEMPLATE("sequences: every choice of positions is as likely", Space, THERIA_TEST_SPACES) {
  Deck deck = sequence_deck();
  deck.task.noise_std = 0;
  deck.task.support = deck.task.query = 1;
  std::vector<int> count(9);
  for (const HostTask& task : on_host(drawn_episodes<Space, double>(deck, 4000)))
    for (const std::size_t t : signals(task, 0)) ++count[t];
  CHECK(count[0] == 0);
  // Of 4000 tasks half have any one position; five standard deviations of that.
  for (std::size_t t = 1; t < 9; ++t) CHECK(std::abs(count[t] - 2000) < 160);
}

TEST_CASE_TEMPLATE("sequences: a class shows its prototype at every signal of its sequences", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = sequence_deck();
  deck.task.noise_std = 0;
  double square = 0;
  int numbers = 0;
  for (const HostTask& task : on_host(drawn_episodes<Space, double>(deck, 20))) {
    std::map<std::int32_t, Vector> prototypes;
    for (std::size_t s = 0; s < task.sequences; ++s)
      for (const std::size_t t : signals(task, s)) {
        const Vector token = task.token(s, t);
        const auto [known, added] = prototypes.try_emplace(task.y[s], token);
        REQUIRE(token == known->second);
        if (added) {
          square += dot(token, token);
          numbers += static_cast<int>(token.size());
        }
      }
    for (const auto& [label, prototype] : prototypes)
      for (const auto& [other, its] : prototypes)
        if (other != label) CHECK(its != prototype);
  }
  // Prototypes are N(0, 1); five standard deviations of the mean square.
  CHECK(std::abs(square / numbers - 1) < 5 * std::sqrt(2.0 / numbers));
}

TEST_CASE_TEMPLATE("sequences: noise of the deck's size, half of it at the signals", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = sequence_deck(), silent = sequence_deck();
  deck.task.noise_std = 0.25;
  silent.task.noise_std = 0;
  const auto noisy = on_host(drawn_episodes<Space, double>(deck, 50));
  const auto clean = on_host(drawn_episodes<Space, double>(silent, 50));
  double square[2] = {}, sum[2] = {};
  int numbers[2] = {};
  for (std::size_t n = 0; n < noisy.size(); ++n) {
    const auto positions = signals(clean[n], 0);
    for (std::size_t s = 0; s < noisy[n].sequences; ++s)
      for (std::size_t t = 0; t < 9; ++t) {
        const std::size_t kind = positions.count(t);
        const Vector noise = combine(1, noisy[n].token(s, t), -1, clean[n].token(s, t));
        square[kind] += dot(noise, noise);
        for (const double x : noise) sum[kind] += x;
        numbers[kind] += static_cast<int>(noise.size());
      }
  }
  for (const std::size_t kind : {0, 1}) {
    const double wanted = kind == 1 ? 0.125 : 0.25;
    const double count = numbers[kind];
    // Five standard deviations of the variance and of the mean.
    CHECK(std::abs(square[kind] / count / (wanted * wanted) - 1) < 5 * std::sqrt(2 / count));
    CHECK(std::abs(sum[kind] / count) < 5 * wanted / std::sqrt(count));
  }
}

TEST_CASE_TEMPLATE("sequences: labels are in range, every class in its share", Space,
                   THERIA_TEST_SPACES) {
  std::vector<int> count(5);
  for (const HostTask& task : on_host(drawn_episodes<Space, double>(sequence_deck(), 100)))
    for (const std::int32_t label : task.y) {
      REQUIRE(label >= 0);
      REQUIRE(label < 5);
      ++count[static_cast<std::size_t>(label)];
    }
  // 2200 labels; five standard deviations of a fifth of them.
  for (const int c : count) CHECK(std::abs(c - 440) < 94);
}

TEST_CASE_TEMPLATE("sequences: a task is the same in any batch and from any source", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  const Deck deck = sequence_deck();
  const auto all = on_host(drawn_episodes<Space, Scalar>(deck, 7));
  for (const auto& [first, count] : {std::pair{0, 1}, {3, 2}, {5, 2}, {2, 5}}) {
    const auto part = on_host(drawn_episodes<Space, Scalar>(deck, count, first));
    for (int n = 0; n < count; ++n) {
      const HostTask &given = part[n], &wanted = all[first + n];
      CHECK(same_bits(given.x, wanted.x));
      CHECK(given.y == wanted.y);
    }
  }
}

TEST_CASE_TEMPLATE("sequences: tasks, splits, sets and seeds differ", Space, THERIA_TEST_SPACES) {
  Deck deck = sequence_deck();
  deck.task.query = deck.task.support;
  const auto training = on_host(drawn_episodes<Space, double>(deck, 2));
  const auto held_out = on_host(drawn_episodes<Space, double>(deck, 2, 0, Split::held_out));
  deck.seed += 1;
  const auto other_seed = on_host(drawn_episodes<Space, double>(deck, 2));
  const auto nothing_in_common = [](const Vector& x, const Vector& y) {
    const std::set<double> values(x.begin(), x.end());
    for (const double value : y)
      if (values.count(value) != 0) return false;
    return true;
  };
  CHECK(nothing_in_common(training[0].x, training[1].x));
  CHECK(nothing_in_common(training[0].x, held_out[0].x));
  CHECK(nothing_in_common(training[0].x, other_seed[0].x));
  const auto half = training[0].x.begin() + static_cast<std::ptrdiff_t>(training[0].x.size() / 2);
  CHECK(nothing_in_common(Vector(training[0].x.begin(), half), Vector(half, training[0].x.end())));
  CHECK(training[0].y != training[1].y);
  CHECK(training[0].y != held_out[0].y);
}

TEST_CASE_TEMPLATE("sequences: float32 is float64 rounded, and a device draws the host's bits",
                   Space, THERIA_TEST_SPACES) {
  const Deck deck = sequence_deck();
  const auto exact = on_host(drawn_episodes<OpenMP, double>(deck, 5));
  const auto here = on_host(drawn_episodes<Space, double>(deck, 5));
  const auto rounded = on_host(drawn_episodes<Space, float>(deck, 5));
  for (std::size_t n = 0; n < exact.size(); ++n) {
    CHECK(same_bits(here[n].x, exact[n].x));
    CHECK(here[n].y == exact[n].y);
    Vector wanted = exact[n].x;
    for (double& x : wanted) x = static_cast<float>(x);
    CHECK(same_bits(rounded[n].x, wanted));
    CHECK(rounded[n].y == exact[n].y);
  }
}

TEST_CASE_TEMPLATE("sequences: all positions may be signals", Space, THERIA_TEST_SPACES) {
  Deck deck = sequence_deck();
  deck.task.noise_std = 0;
  deck.task.signals = 8;
  for (const HostTask& task : on_host(drawn_episodes<Space, double>(deck, 5)))
    CHECK(signals(task, 0) == std::set<std::size_t>{1, 2, 3, 4, 5, 6, 7, 8});
}

}  // namespace theria::test

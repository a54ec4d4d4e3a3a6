// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>

#include "src/meta/pairwise_sum.hpp"
#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

TEST_CASE_TEMPLATE("the mean meta-gradient has the same bits for any number of tasks a launch",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  std::vector<Deck> decks = by_every_engine(small_deck());
  for (const Deck& deck : by_every_engine(embedded_deck())) decks.push_back(deck);
  for (Deck deck : decks) {
    INFO(word_of(deck.meta.engine));
    deck.meta.tasks = 7;
    const auto episodes = drawn_episodes<Space, Scalar>(deck, 7);
    const auto theta =
        parameters_on<Space, Scalar>(initial_parameters(deck, parameter_layout(deck)));
    const Vector all = mean_meta_gradient<Space, Scalar>(deck, theta, episodes, 7);
    for (const int at_a_time : {1, 2, 3, 4, 6}) {
      CAPTURE(at_a_time);
      CHECK(same_bits(mean_meta_gradient<Space, Scalar>(deck, theta, episodes, at_a_time), all));
    }
  }
}

TEST_CASE_TEMPLATE("a task that diverges leaves nothing to the tasks after it", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  for (const Deck& small : {small_deck(), embedded_deck()})
    for (const Deck& deck : by_every_engine(small)) {
      INFO(word_of(deck.meta.engine));
      const auto episodes = drawn_episodes<Space, Scalar>(deck, deck.meta.tasks);
      const auto theta =
          parameters_on<Space, Scalar>(initial_parameters(deck, parameter_layout(deck)));
      const auto gradients = [&](Scalar first) {
        const auto host = Kokkos::create_mirror_view(episodes.support.x);
        Kokkos::deep_copy(host, episodes.support.x);
        host(0, 0, 0, 0) = first;
        Kokkos::deep_copy(episodes.support.x, host);
        // An engine of its own, whose memory the spoilt task is the first to use.
        return host_values<Space>(make_engine<Space, Scalar>(deck, deck.meta.tasks)
                                      ->gradient(Space{}, theta, episodes, most_swept_steps(deck)));
      };
      const Vector spoilt = gradients(std::numeric_limits<Scalar>::infinity());
      const Vector sound = gradients(0);
      const std::size_t size = sound.size() / static_cast<std::size_t>(deck.meta.tasks);
      CHECK_FALSE(std::isfinite(spoilt[0]));
      CHECK(same_bits(Vector(spoilt.begin() + static_cast<std::ptrdiff_t>(size), spoilt.end()),
                      Vector(sound.begin() + static_cast<std::ptrdiff_t>(size), sound.end())));
    }
}

/// The mean of `count` vectors, given in pieces.
template <class Space, class Scalar>
Vector pairwise_mean(const Vector& x, std::size_t count, const std::vector<std::size_t>& pieces) {
  const std::size_t size = x.size() / count;
  const auto most = static_cast<std::int64_t>(*std::max_element(pieces.begin(), pieces.end()));
  PairwiseSum<Space, Scalar> sum(static_cast<std::int64_t>(size), static_cast<std::int64_t>(count),
                                 most);
  std::size_t done = 0;
  for (std::size_t turn = 0; done < count; ++turn) {
    const std::size_t n = std::min(pieces[turn % pieces.size()], count - done);
    const auto start = x.begin() + static_cast<std::ptrdiff_t>(done * size);
    const DeviceTensor<Space, Scalar, 2> piece(
        {n, size}, Vector(start, start + static_cast<std::ptrdiff_t>(n * size)));
    sum.add(Space{}, piece.in());
    Kokkos::fence("theria::test");
    done += n;
  }
  const DeviceTensor<Space, Scalar, 1> mean({size});
  sum.mean(Space{}, mean.out(), static_cast<std::int64_t>(count));
  return mean.values();
}

/// Numbers that do not sum without rounding.
inline Vector rough(std::size_t count) {
  Vector x = random_vector(count, 9);
  for (double& value : x) value = std::exp(3 * value) * (value < 0 ? -1 : 1) / 3;
  return x;
}

TEST_CASE_TEMPLATE("a pairwise mean is within its bound of long double", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  const std::size_t size = 5;
  for (const std::size_t count : {1, 2, 3, 31, 32, 33, 1000, 1023}) {
    CAPTURE(count);
    const Vector x = rough(count * size);
    const Vector mean = pairwise_mean<typename Place::Space, Scalar>(x, count, {count});
    const double unit = sizeof(Scalar) == 8 ? 0x1p-53 : 0x1p-24;
    for (std::size_t p = 0; p < size; ++p) {
      long double sum = 0, terms = 0;
      for (std::size_t n = 0; n < count; ++n) {
        const auto term = static_cast<long double>(static_cast<Scalar>(x[n * size + p]));
        sum += term;
        terms += std::abs(term);
      }
      // A term goes through at most one rounding a level, then the division.
      const double roundings = std::ceil(std::log2(static_cast<double>(count))) + 2;
      const auto error = static_cast<double>(
          std::abs(static_cast<long double>(mean[p]) - sum / static_cast<long double>(count)));
      CHECK(error <= roundings * unit * static_cast<double>(terms) / static_cast<double>(count));
    }
  }
}

TEST_CASE_TEMPLATE("a pairwise mean has the same bits in any pieces", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  for (const std::size_t count : {7, 64, 100}) {
    CAPTURE(count);
    const Vector x = rough(count * 3);
    const auto in_pieces = [&](const std::vector<std::size_t>& pieces) {
      return pairwise_mean<typename Place::Space, Scalar>(x, count, pieces);
    };
    const Vector whole = in_pieces({count});
    CHECK(same_bits(in_pieces({1}), whole));
    CHECK(same_bits(in_pieces({2}), whole));
    CHECK(same_bits(in_pieces({3}), whole));
    CHECK(same_bits(in_pieces({5, 1, 11}), whole));
    CHECK(same_bits(in_pieces({32}), whole));
    CHECK(same_bits(in_pieces({7, 100}), whole));
  }
}

TEST_CASE_TEMPLATE("a pairwise sum starts again after clear", Space, THERIA_TEST_SPACES) {
  PairwiseSum<Space, double> sum(1, 4, 4);
  const DeviceTensor<Space, double, 2> three({3, 1}, {1, 2, 4}), one({1, 1}, {32});
  sum.add(Space{}, three.in());
  sum.clear();
  sum.add(Space{}, one.in());
  const DeviceTensor<Space, double, 1> mean({1});
  sum.mean(Space{}, mean.out(), 1);
  CHECK(mean.values() == Vector{32});
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/meta/engine.hpp"
#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {

/// An engine on a deck's own tasks and initial parameters.
template <class Space, class Scalar>
struct EngineAtWork {
  Deck deck;
  EpisodeBatch<Space, Scalar> episodes;
  std::unique_ptr<Engine<Space, Scalar>> engine;
  ViewOn<Scalar**, Space> theta_k;

  EngineAtWork(const Deck& given)
      : deck(given),
        episodes(drawn_episodes<Space, Scalar>(given, given.meta.tasks)),
        engine(make_engine<Space, Scalar>(given, given.meta.tasks)),
        theta_k("theria::test::adapted", given.meta.tasks, parameter_layout(given).size()) {}

  Vector initial() const { return initial_parameters(deck, parameter_layout(deck)); }

  /// Every task's query loss after adaptation from theta.
  Vector adapted_loss(const Vector& theta) {
    engine->adapt(Space{}, parameters_on<Space, Scalar>(theta), episodes, theta_k);
    const auto values = host_values(engine->scores().query_loss_after);
    return Vector(values.begin(), values.end());
  }
  /// Every task's meta-gradient, one after the other.
  Vector gradient(const Vector& theta) {
    const auto at = parameters_on<Space, Scalar>(theta);
    return host_values<Space>(
        engine->gradient(Space{}, at, episodes, most_swept_steps(deck), theta_k));
  }
  Vector adapted() { return host_values<Space>(Array<const Scalar, 2>(Array<Scalar, 2>(theta_k))); }
};

template <class Space>
void check_against_differences(Deck deck) {
  for (const int steps : {1, 4}) {
    deck.inner.steps = steps;
    EngineAtWork<Space, double> work(deck);
    const Vector theta = work.initial();
    const Vector gradient = work.gradient(theta);
    for (const std::uint64_t seed : {1, 2, 3}) {
      const Vector along = random_vector(theta.size(), seed);
      Vector slopes(static_cast<std::size_t>(deck.meta.tasks));
      for (std::size_t n = 0; n < gradient.size(); ++n)
        slopes[n / theta.size()] += gradient[n] * along[n % theta.size()];
      // Through the whole inner loop: truncation h²/6 times a third derivative in a direction of
      // norm 8, of size 1e3, and rounding 1e-16/h make 1e-9 at h = 1e-6.
      CHECK(allclose(slopes,
                     central_difference([&](const Vector& x) { return work.adapted_loss(x); },
                                        theta, along, 1e-6),
                     1e-7));
    }
  }
}

TEST_CASE_TEMPLATE("FULL is the derivative of the adapted query loss through the inner loop", Space,
                   THERIA_TEST_SPACES) {
  for (const Deck& deck : {small_deck(), embedded_deck()})
    for (const Deck& with_engine : by_every_engine(deck))
      check_against_differences<Space>(with_engine);
}

TEST_CASE_TEMPLATE("FULL is not first order: the sweep matters here", Space, THERIA_TEST_SPACES) {
  Deck deck = small_deck();
  const Vector full =
      EngineAtWork<Space, double>(deck).gradient(initial_parameters(deck, parameter_layout(deck)));
  deck.meta.mode = MetaMode::first_order;
  EngineAtWork<Space, double> work(deck);
  CHECK_FALSE(allclose(work.gradient(work.initial()), full, 0.01));
}

TEST_CASE_TEMPLATE("first order, strict or not, has the same bits, and FULL's adapted parameters",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  using Work = EngineAtWork<typename Place::Space, typename Place::Scalar>;
  for (Deck deck : by_every_engine(embedded_deck())) {
    INFO(word_of(deck.meta.engine));
    Work full(deck);
    full.gradient(full.initial());
    deck.meta.mode = MetaMode::first_order;
    Work loose(deck);
    const Vector gradient = loose.gradient(loose.initial());
    deck.meta.mode = MetaMode::first_order_strict;
    Work strict(deck);
    CHECK(same_bits(strict.gradient(strict.initial()), gradient));
    CHECK(same_bits(loose.adapted(), full.adapted()));
    CHECK(same_bits(strict.adapted(), full.adapted()));
    // First order is the query gradient where adaptation ended: a run of no steps from there.
    deck.inner.steps = 0;
    deck.meta.tasks = 1;
    const Vector theta_k = strict.adapted();
    Work at_end(deck);
    const std::size_t size = at_end.initial().size();
    CHECK(same_bits(at_end.gradient(Vector(theta_k.begin(), theta_k.begin() + size)),
                    Vector(gradient.begin(), gradient.begin() + size)));
  }
}

TEST_CASE_TEMPLATE("no inner step: every mode gives the query gradient at theta", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  for (Deck deck : by_every_engine(small_deck())) {
    INFO(word_of(deck.meta.engine));
    deck.inner.steps = 0;
    EngineAtWork<Space, Scalar> full(deck);
    const Vector theta = full.initial();
    const Vector gradient = full.gradient(theta);
    const auto on_device = parameters_on<Space, Scalar>(theta);
    const auto rounded = host_values(on_device);
    const Vector adapted = full.adapted();
    for (std::size_t n = 0; n < adapted.size(); ++n)
      REQUIRE(adapted[n] == rounded[n % rounded.size()]);
    full.adapted_loss(theta);
    CHECK(same_bits(host_values(full.engine->scores().query_loss_before),
                    host_values(full.engine->scores().query_loss_after)));
    deck.meta.mode = MetaMode::first_order;
    EngineAtWork<Space, Scalar> first(deck);
    CHECK(same_bits(first.gradient(theta), gradient));
  }
}

TEST_CASE_TEMPLATE("a rate of zero adapts nothing", Space, THERIA_TEST_SPACES) {
  for (Deck deck : by_every_engine(small_deck())) {
    INFO(word_of(deck.meta.engine));
    deck.inner.rate = 0;
    EngineAtWork<Space, double> still(deck);
    const Vector gradient = still.gradient(still.initial());
    deck.inner.steps = 0;
    EngineAtWork<Space, double> none(deck);
    CHECK(none.gradient(none.initial()) == gradient);  // by value: a sum with −0 may make +0
  }
}

TEST_CASE_TEMPLATE("adapt and gradient see the same scores and parameters", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const Deck& deck : by_every_engine(small_deck())) {
    INFO(word_of(deck.meta.engine));
    EngineAtWork<typename Place::Space, typename Place::Scalar> work(deck);
    const Vector theta = work.initial();
    const Vector loss = work.adapted_loss(theta);
    const Vector adapted = work.adapted();
    work.gradient(theta);
    const auto again = host_values(work.engine->scores().query_loss_after);
    CHECK(same_bits(Vector(again.begin(), again.end()), loss));
    CHECK(same_bits(work.adapted(), adapted));
  }
}

TEST_CASE_TEMPLATE("a second meta-gradient allocates nothing", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  for (const Deck& deck : by_every_engine(embedded_deck())) {
    INFO(word_of(deck.meta.engine));
    EngineAtWork<Space, typename Place::Scalar> work(deck);
    const auto theta = parameters_on<Space, typename Place::Scalar>(work.initial());
    work.engine->gradient(Space{}, theta, work.episodes, most_swept_steps(deck));
    const Watch watch;
    work.engine->gradient(Space{}, theta, work.episodes, most_swept_steps(deck));
    work.engine->adapt(Space{}, theta, work.episodes);
    Kokkos::fence("theria::test");
    for (const auto& a : watch.memory()) {
      INFO(a.space, " ", a.label, " ", a.bytes);
      CHECK(false);
    }
    // A launch a call, or one an operator.
    if (deck.meta.engine == EngineKind::episode) CHECK(watch.kernels().size() == 2);
    if (deck.meta.engine == EngineKind::general) CHECK(watch.kernels().size() > 100);
  }
}

}  // namespace theria::test

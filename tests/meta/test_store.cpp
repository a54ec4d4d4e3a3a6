// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/core/error.hpp"
#include "src/meta/segments.hpp"
#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

TEST_CASE("segments cover the swept steps from the last one back, and store every start but two") {
  for (int steps = 1; steps <= 12; ++steps)
    for (int swept = 0; swept <= steps; ++swept)
      for (int length = 1; length <= std::max(swept, 1); ++length) {
        const Segments segments{steps, swept, length};
        CAPTURE(steps);
        CAPTURE(swept);
        CAPTURE(length);
        int end = steps, stored = 0;
        for (int segment = 0; segment < segments.count(); ++segment) {
          const int start = segments.start(segment);
          CHECK(start < end);
          CHECK(end - start <= length);
          const bool has_place = segment > 0 && start > 0;
          stored += has_place ? 1 : 0;
          if (has_place) {
            CHECK(segments.stored_at(start) == segment);
          } else if (start > 0) {
            CHECK(segments.stored_at(start) == 0);
          }
          end = start;
        }
        CHECK(end == steps - swept);
        CHECK(stored == segments.stored());
      }
}

/// Long loops by every rule, with some of what they can be combined with.
inline std::vector<Deck> long_decks() {
  Deck sgd = small_deck();
  sgd.meta.engine = EngineKind::general;
  sgd.inner.steps = 17;
  sgd.inner.rate = 0.1;
  Deck momentum = sgd;
  momentum.inner.optimizer = InnerOptimizer::momentum;
  momentum.inner.momentum = 0.8;
  momentum.inner.proximal = 0.5;
  Deck adam = sgd;
  adam.inner.optimizer = InnerOptimizer::adam;
  adam.inner.rate = 0.01;
  adam.inner.beta1 = 0.9;
  adam.inner.beta2 = 0.99;
  adam.inner.epsilon = 1e-3;
  Deck rates = sgd;
  rates.inner.rates = InnerRates::learned;
  std::vector<Deck> decks{sgd, momentum, adam, rates};
  for (int n = 0; n < 4; ++n) {
    decks.push_back(decks[n]);
    decks.back().meta.mode = MetaMode::truncated;
    decks.back().meta.last = 11;
  }
  return decks;
}

template <class Space, class Scalar>
Vector meta_gradient_of(const Deck& deck) {
  const auto theta = parameters_on<Space, Scalar>(initial_parameters(deck, learned_layout(deck)));
  const auto episodes = drawn_episodes<Space, Scalar>(deck, deck.meta.tasks);
  return mean_meta_gradient<Space, Scalar>(deck, theta, episodes, deck.meta.tasks);
}

TEST_CASE_TEMPLATE("what is kept of the inner steps changes no bit of a meta-gradient", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  for (Deck deck : long_decks()) {
    CAPTURE(effective_deck(deck));
    const Vector all = meta_gradient_of<Space, Scalar>(deck);
    CHECK(largest_finite(all) > 0);
    deck.meta.store = Store::sqrt;
    CHECK(same_bits(meta_gradient_of<Space, Scalar>(deck), all));
    const std::size_t whole = engine_bytes<Scalar>(
                                  [&] {
                                    Deck kept = deck;
                                    kept.meta.store = Store::all;
                                    return kept;
                                  }(),
                                  deck.meta.tasks)
                                  .sweep;
    CHECK(engine_bytes<Scalar>(deck, deck.meta.tasks).sweep < 0.8 * whole);
  }
}

TEST_CASE_TEMPLATE("recomputed activations change no bit of a meta-gradient, and take less memory",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  Deck linear = transformer_deck(false, Readout::mean);
  linear.model.attention = AttentionKind::linear;
  for (Deck deck : {transformer_deck(true, Readout::last), linear}) {
    CAPTURE(effective_deck(deck));
    deck.model.layers = 4;
    deck.inner.steps = 3;
    const Vector kept = meta_gradient_of<Space, Scalar>(deck);
    CHECK(largest_finite(kept) > 0);
    const auto workspace = [&] { return engine_bytes<Scalar>(deck, deck.meta.tasks).workspace; };
    const std::size_t all = workspace();
    deck.meta.activations = Activations::recompute;
    CHECK(same_bits(meta_gradient_of<Space, Scalar>(deck), kept));
    CHECK(workspace() < 0.6 * all);
    deck.meta.store = Store::sqrt;
    CHECK(same_bits(meta_gradient_of<Space, Scalar>(deck), kept));
  }
}

TEST_CASE("a budget keeps as much as fits into it, and says what would") {
  Deck deck = long_decks()[0];
  deck.meta.tasks = 500;  // 217 numbers of 8 bytes a task and step: 0.83 MiB a step
  deck.meta.store = Store::budget;
  deck.meta.budget = 20;
  Deck all = deck;
  all.meta.store = Store::all;
  const auto sweep = [](const Deck& d) { return engine_bytes<double>(d, d.meta.tasks).sweep; };
  CHECK(sweep(deck) == sweep(all));
  deck.meta.budget = 10;
  CHECK(sweep(deck) <= (10U << 20));
  CHECK(sweep(deck) > (9U << 20));
  CHECK(same_bits(meta_gradient_of<OpenMP, double>(deck), meta_gradient_of<OpenMP, double>(all)));
  deck.meta.budget = 3;
  CHECK_THROWS_WITH_AS(
      sweep(deck),
      "\"meta.budget\" is 3 MiB, but what is kept of 17 inner steps of 500 tasks takes 7 at least; "
      "give as much, or a smaller \"meta.batch\"",
      UserError);
}

}  // namespace theria::test

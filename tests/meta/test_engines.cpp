// SPDX-License-Identifier: Apache-2.0
// The two engines against each other at the ends of what the episode engine takes, and at shapes that fill no
// vector: one text knows nothing of the other.
#include <doctest/doctest.h>

#include "src/deck/words.hpp"
#include "tests/meta/golden_setting.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

struct Ends {
  const char* what;
  int tokens, features, width, classes, support, query, steps;
};

inline Deck deck_of(const Ends& ends, int tasks) {
  Deck deck = small_deck();
  deck.task.tokens = ends.tokens;
  deck.task.features = ends.features;
  deck.model.width = ends.width;
  deck.task.classes = ends.classes;
  deck.task.support = ends.support;
  deck.task.query = ends.query;
  deck.task.signals = 1;
  deck.inner.steps = ends.steps;
  deck.meta.tasks = tasks;
  return deck;
}

/// The meta-gradients of a batch; its inputs decide what the engine reads.
template <class Space, class Scalar>
Vector gradients_of(const Deck& deck, const EpisodeBatch<Space, Scalar>& episodes) {
  const auto theta = parameters_on<Space, Scalar>(initial_parameters(deck, parameter_layout(deck)));
  return host_values<Space>(make_engine<Space, Scalar>(deck, deck.meta.tasks)
                                ->gradient(Space(), theta, episodes, most_swept_steps(deck)));
}

template <class Space, class Scalar>
Vector gradients(Deck deck, EngineKind kind) {
  deck.meta.engine = kind;
  deck.backend = backend_of<Space>();
  deck.precision = precision_of<Scalar>();
  return gradients_of(deck, drawn_episodes<Space, Scalar>(deck, deck.meta.tasks));
}

TEST_CASE_TEMPLATE("the engines agree from the smallest to the largest tasks", Space,
                   THERIA_TEST_SPACES) {
  for (const Ends& ends : {Ends{"smallest", 2, 1, 1, 2, 1, 1, 1},
                           {"no step", 6, 5, 5, 3, 4, 3, 0},
                           {"ragged", 7, 17, 17, 3, 5, 3, 4},
                           {"ragged, embedded", 33, 3, 19, 17, 9, 2, 3},
                           {"wider than the tokens", 4, 5, 128, 2, 3, 3, 2},
                           {"narrower than the tokens", 9, 128, 7, 5, 3, 3, 2},
                           {"many tokens", 1024, 16, 16, 3, 2, 3, 2},
                           {"many classes", 5, 16, 16, 64, 64, 3, 2},
                           {"large sets", 5, 8, 8, 2, 128, 128, 2},
                           {"large", 20, 128, 128, 33, 40, 7, 2}}) {
    INFO(std::string(ends.what));
    Deck deck = deck_of(ends, 2);
    const Vector general = gradients<OpenMP, double>(deck, EngineKind::general);
    // float64: some thousand roundings a step. float32: the same, of numbers that agree to 1e-7.
    CHECK(allclose(gradients<Space, double>(deck, EngineKind::episode), general, 1e-12));
    CHECK(allclose(gradients<Space, float>(deck, EngineKind::episode), general, 1e-5));
  }
}

/// The same tasks with the given inputs in full.
template <class Space, class Scalar>
EpisodeBatch<Space, Scalar> with_inputs(const Deck& deck, const Vector& support,
                                        const Vector& query) {
  const auto batch = drawn_episodes<Space, Scalar>(deck, deck.meta.tasks);
  set_values(batch.support.x, support);
  set_values(batch.query.x, query);
  return batch;
}

TEST_CASE_TEMPLATE("inputs in tfloat32 and bfloat16: the meta-gradient of the rounded episodes",
                   Space, THERIA_TEST_SPACES) {
  for (const Ends& ends : {Ends{"as the GPU keeps them in registers", 32, 64, 64, 5, 16, 16, 3},
                           {"ragged", 7, 17, 17, 3, 5, 3, 4},
                           {"ragged, embedded", 33, 3, 19, 17, 9, 2, 3},
                           {"embedded", 9, 32, 16, 5, 3, 6, 2},
                           {"many tokens", 300, 16, 16, 3, 2, 3, 2}})
    for (const auto& [type, precision] : {std::pair{InputType::tfloat32, Precision::tfloat32},
                                          {InputType::bfloat16, Precision::bfloat16}}) {
      INFO(std::string(ends.what));
      CAPTURE(word_of(precision));
      Deck deck = deck_of(ends, 9);  // more than one part of them before they are rounded
      deck.backend = backend_of<Space>();
      deck.meta.engine = EngineKind::episode;
      deck.precision = precision;
      const auto rounded =
          drawn_episodes<Space, float>(deck, deck.meta.tasks, 0, Split::training, type);
      const Vector support = inputs_of(rounded.support), query = inputs_of(rounded.query);
      const Vector given = gradients_of(deck, rounded);

      deck.precision = Precision::float32;
      const auto wide = with_inputs<Space, float>(deck, support, query);
      if (std::is_same_v<Space, OpenMP>) CHECK(same_bits(given, gradients_of(deck, wide)));
      deck.backend = Backend::openmp;
      deck.precision = Precision::float64;
      deck.meta.engine = EngineKind::general;
      const auto exact = with_inputs<OpenMP, double>(deck, support, query);
      // As float32 above: the inputs are exact, arithmetic is in float.
      CHECK(allclose(given, gradients_of(deck, exact), 1e-5));
    }
}

}  // namespace theria::test

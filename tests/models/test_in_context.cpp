// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "src/models/model.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"
#include "tests/support/device_episodes.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// Weights by which one layer of linear attention takes one step of gradient descent of this rate from zero (von Oswald
/// et al. 2023, proposition 1): q and k read x, v reads y, the head undoes the scale of attention.
inline Vector gradient_descent_weights(const Deck& deck, double rate) {
  const auto width = static_cast<std::size_t>(deck.model.width);
  const double tokens = deck.task.tokens, examples = tokens - 1;
  const ParameterLayout layout = parameter_layout(deck);
  Vector theta(layout.size());
  for (const char* name : {"q_proj", "k_proj"})
    for (std::size_t f = 0; f + 1 < width; ++f)
      theta[layout.block(name).offset + f * width + f] = 1;
  theta[layout.block("v_proj").offset + width * width - 1] = 1;
  theta[layout.block("classifier_weight").offset + width - 1] =
      rate / examples * tokens * std::sqrt(static_cast<double>(width));
  return theta;
}

TEST_CASE_TEMPLATE("a layer of linear attention can be a step of gradient descent", Space,
                   THERIA_TEST_SPACES) {
  Deck deck = regression_deck(TaskKind::linear_regression, ModelKind::tiny_attention);
  deck.task.tokens = 8;
  deck.model.attention = AttentionKind::linear;
  deck.model.width = deck.task.features;
  const double rate = 1.7;
  const auto episodes = drawn_episodes<Space, double>(deck, 1);
  const auto theta = parameters_on<Space, double>(gradient_descent_weights(deck, rate));
  const DeviceTensor<Space, double, 1> loss({1});
  Model<Space, double> model(deck, 1);
  model.loss(Space{}, shared_by<Space, double>(theta, 1), episodes.support, {loss.out()});

  // w = 0 − rate ∇ (1/2n) Σ (w·x_i − y_i)² = rate/n Σ y_i x_i, sequence by sequence.
  const auto x = host_values(episodes.support.x);
  const auto target = host_values(episodes.support.target);
  double error = 0;
  for (std::size_t s = 0; s < 4; ++s) {
    const double* const tokens = &x[s * 8 * 4];
    double prediction = 0;
    for (std::size_t t = 1; t < 8; ++t)
      for (std::size_t f = 0; f < 3; ++f)
        prediction += rate / 7 * tokens[t * 4 + 3] * tokens[t * 4 + f] * tokens[f];
    error += std::pow(prediction - target[s], 2) / 4;
  }
  CHECK(allclose(loss.values(), {error}, 1e-14));
}

}  // namespace theria::test

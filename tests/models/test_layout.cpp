// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "src/models/initial.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/decks.hpp"

namespace theria::test {

TEST_CASE("the layout names the parameters of TinyAttention in order") {
  std::string names;
  const ParameterLayout embedded = parameter_layout(embedded_deck());
  for (const ParameterBlock& block : embedded.blocks()) names += block.name + " ";
  CHECK(names == "embedding q_proj k_proj v_proj classifier_weight classifier_bias ");
  const ParameterLayout layout = parameter_layout(small_deck());
  CHECK_FALSE(layout.has("embedding"));
  CHECK(layout.size() == 3 * 8 * 8 + 3 * 8 + 3);
  CHECK(layout.block("classifier_weight").shape == std::vector<std::size_t>{3, 8});
  CHECK(layout.block("classifier_weight").offset == 3 * 64);
  CHECK(layout.block("classifier_bias").offset == 3 * 64 + 24);
}

TEST_CASE("initial parameters are uniform within their block's bound and follow from the seed") {
  Deck deck = embedded_deck();
  deck.model.width = 64;
  const ParameterLayout layout = parameter_layout(deck);
  const std::vector<double> theta = initial_parameters(deck, layout);
  CHECK(theta.size() == layout.size());
  for (const ParameterBlock& block : layout.blocks()) {
    INFO(block.name);
    CHECK(block.initial.centre == 0);
    CHECK(block.initial.bound == 1 / std::sqrt(block.name == "embedding" ? 5.0 : 64.0));
    double sum = 0, most = 0;
    for (std::size_t n = block.offset; n < block.offset + block.size(); ++n) {
      sum += theta[n];
      most = std::max(most, std::abs(theta[n]));
    }
    CHECK(most <= block.initial.bound);
    const auto count = static_cast<double>(block.size());
    if (count > 100) CHECK(most > 0.9 * block.initial.bound);
    // Five standard deviations of a sum of uniform numbers.
    CHECK(std::abs(sum) < 5 * block.initial.bound * std::sqrt(count / 3));
  }
  CHECK(same_bits(initial_parameters(deck, layout), theta));
  deck.seed += 1;
  CHECK_FALSE(same_bits(initial_parameters(deck, layout), theta));
}

TEST_CASE("named parameters cut a flat vector at its blocks") {
  const ParameterLayout layout = parameter_layout(small_deck());
  std::vector<double> flat(layout.size());
  for (std::size_t n = 0; n < flat.size(); ++n) flat[n] = static_cast<double>(n);
  const auto named = named_parameters(layout, flat);
  CHECK(named.size() == 5);
  CHECK(named[0].tensor.shape == std::vector<std::size_t>{8, 8});
  CHECK(named[4].name == "classifier_bias");
  CHECK(named[4].tensor.shape == std::vector<std::size_t>{3});
  CHECK(std::get<std::vector<double>>(named[4].tensor.values) ==
        std::vector<double>{216, 217, 218});
}

}  // namespace theria::test

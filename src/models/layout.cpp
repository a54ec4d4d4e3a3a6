// SPDX-License-Identifier: Apache-2.0
#include "src/models/layout.hpp"

#include <algorithm>
#include <stdexcept>

#include "src/models/architecture.hpp"

namespace theria {

const ParameterBlock& ParameterLayout::block(const std::string& name) const {
  const auto found = std::find_if(m_blocks.begin(), m_blocks.end(),
                                  [&](const ParameterBlock& b) { return b.name == name; });
  if (found == m_blocks.end()) throw std::logic_error("no parameter block " + name);
  return *found;
}

bool ParameterLayout::has(const std::string& name) const {
  return std::any_of(m_blocks.begin(), m_blocks.end(),
                     [&](const ParameterBlock& b) { return b.name == name; });
}

ParameterLayout parameter_layout(const Deck& deck) {
  ParameterLayout layout;
  make_layers<OpenMP, double>(deck, layout);
  return layout;
}

ParameterLayout learned_layout(const Deck& deck) {
  ParameterLayout layout = parameter_layout(deck);
  if (deck.inner.rates != InnerRates::learned) return layout;
  const std::vector<ParameterBlock> parameters = layout.blocks();
  for (const ParameterBlock& block : parameters)
    layout.add("rate_" + block.name, block.shape, {.centre = deck.inner.rate});
  return layout;
}

}  // namespace theria

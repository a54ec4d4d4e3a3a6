// SPDX-License-Identifier: Apache-2.0
#include "src/models/layout.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

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
  const auto width = static_cast<std::size_t>(deck.model.width);
  const auto features = static_cast<std::size_t>(deck.task.features);
  const auto classes = static_cast<std::size_t>(deck.task.classes);
  const double bound = 1.0 / std::sqrt(static_cast<double>(width));
  ParameterLayout layout;
  if (features != width)
    layout.add("embedding", {width, features}, 1.0 / std::sqrt(static_cast<double>(features)));
  layout.add("q_proj", {width, width}, bound);
  layout.add("k_proj", {width, width}, bound);
  layout.add("v_proj", {width, width}, bound);
  layout.add("classifier_weight", {classes, width}, bound);
  layout.add("classifier_bias", {classes}, bound);
  return layout;
}

}  // namespace theria

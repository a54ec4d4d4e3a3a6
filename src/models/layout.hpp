// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/deck/deck.hpp"

namespace theria {

/// Initial values: uniform in centre ± bound.
struct Uniform {
  double centre = 0, bound = 0;
};

/// One parameter tensor inside a task's flat parameter vector, row-major.
struct ParameterBlock {
  std::string name;
  std::vector<std::size_t> shape;  // (out,in) or (out)
  std::size_t offset;
  Uniform initial;

  std::size_t size() const {
    std::size_t n = 1;
    for (const std::size_t e : shape) n *= e;
    return n;
  }
};

/// The parameters of a model: their names and shapes, in the order in which they are stored.
class ParameterLayout {
 public:
  /// Where the new block starts.
  std::size_t add(std::string name, std::vector<std::size_t> shape, Uniform initial) {
    m_blocks.push_back({std::move(name), std::move(shape), m_size, initial});
    m_size += m_blocks.back().size();
    return m_blocks.back().offset;
  }
  /// What is added from here on is the head: the parameters that adapt alone in ANIL.
  void start_head() { m_head = m_size; }
  std::size_t head() const { return m_head; }
  const std::vector<ParameterBlock>& blocks() const { return m_blocks; }
  const ParameterBlock& block(const std::string& name) const;
  bool has(const std::string& name) const;
  /// Numbers in all.
  std::size_t size() const { return m_size; }

 private:
  std::vector<ParameterBlock> m_blocks;
  std::size_t m_size = 0, m_head = 0;
};

/// Of the deck's model, in the order of its layers: what a task adapts.
ParameterLayout parameter_layout(const Deck& resolved);

/// What the outer loop learns: the same and, where `inner.rates` are learned, a rate for every parameter in blocks
/// rate_<name>.
ParameterLayout learned_layout(const Deck& resolved);

}  // namespace theria

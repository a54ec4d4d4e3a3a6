// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/deck/deck.hpp"

namespace theria {

/// One parameter tensor inside a task's flat parameter vector, row-major.
struct ParameterBlock {
  std::string name;
  std::vector<std::size_t> shape;  // (out,in) or (out)
  std::size_t offset;
  double bound;  // initial values are uniform in ±bound

  std::size_t size() const {
    std::size_t n = 1;
    for (const std::size_t e : shape) n *= e;
    return n;
  }
};

/// The parameters of a model: their names and shapes, in the order in which they are stored.
class ParameterLayout {
 public:
  void add(std::string name, std::vector<std::size_t> shape, double bound) {
    m_blocks.push_back({std::move(name), std::move(shape), m_size, bound});
    m_size += m_blocks.back().size();
  }
  const std::vector<ParameterBlock>& blocks() const { return m_blocks; }
  const ParameterBlock& block(const std::string& name) const;
  bool has(const std::string& name) const;
  /// Numbers in all.
  std::size_t size() const { return m_size; }

 private:
  std::vector<ParameterBlock> m_blocks;
  std::size_t m_size = 0;
};

/// TinyAttention's: [embedding] q_proj k_proj v_proj classifier_weight classifier_bias, uniform in
/// ±1/√width (embedding: ±1/√features); the embedding only where features ≠ width.
ParameterLayout parameter_layout(const Deck& resolved);

}  // namespace theria

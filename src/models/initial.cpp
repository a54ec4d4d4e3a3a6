// SPDX-License-Identifier: Apache-2.0
#include "src/models/initial.hpp"

#include <algorithm>

#include "kernels/random/philox.hpp"
#include "src/io/parameters.hpp"

namespace theria {

std::vector<double> initial_parameters(const Deck& deck, const ParameterLayout& layout) {
  std::vector<double> flat(layout.size());
  if (deck.model.initial.empty()) {
    const random::Stream stream{deck.seed, random::Purpose::parameters, 0, 0};
    for (const ParameterBlock& block : layout.blocks())
      for (std::size_t n = block.offset; n < block.offset + block.size(); ++n)
        flat[n] = block.initial.centre +
                  block.initial.bound * (2 * random::uniform(stream.block(n / 4).word[n % 4]) - 1);
    return flat;
  }
  for (const ParameterBlock& block : layout.blocks())  // what the file has not: learned rates
    std::fill_n(&flat[block.offset], block.size(), block.initial.centre);
  for (const auto& [name, tensor] : read_parameters(deck.model.initial)) {
    const std::size_t offset = layout.block(name).offset;
    std::visit([&](const auto& values) { std::copy(values.begin(), values.end(), &flat[offset]); },
               tensor.values);
  }
  return flat;
}

template <class Scalar>
std::vector<NamedTensor> named_parameters(const ParameterLayout& layout,
                                          const std::vector<Scalar>& flat) {
  std::vector<NamedTensor> named;
  for (const ParameterBlock& block : layout.blocks()) {
    const auto start = flat.begin() + static_cast<std::ptrdiff_t>(block.offset);
    named.push_back({block.name,
                     {block.shape, std::vector<Scalar>(
                                       start, start + static_cast<std::ptrdiff_t>(block.size()))}});
  }
  return named;
}

template std::vector<NamedTensor> named_parameters(const ParameterLayout&,
                                                   const std::vector<float>&);
template std::vector<NamedTensor> named_parameters(const ParameterLayout&,
                                                   const std::vector<double>&);

}  // namespace theria

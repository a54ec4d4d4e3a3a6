// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/core/tensor.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// The flat parameters (P) that a run starts from, in double: of the deck's `model.initial` file, or
/// uniform in ±bound of their block, from the seed.
std::vector<double> initial_parameters(const Deck& resolved, const ParameterLayout& layout);

/// A flat parameter vector as named tensors.
template <class Scalar>
std::vector<NamedTensor> named_parameters(const ParameterLayout& layout,
                                          const std::vector<Scalar>& flat);

}  // namespace theria

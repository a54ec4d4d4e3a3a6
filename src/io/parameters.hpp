// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "src/core/tensor.hpp"

namespace theria {

/// Reads stored parameters for `model.initial`: every data set in /parameters/final of a result
/// file, or else at the root, dimension scales aside. Floating point, finite. Throws UserError.
std::vector<NamedTensor> read_parameters(const std::string& path);

using ParameterShapes = std::vector<std::pair<std::string, std::vector<std::size_t>>>;

/// Refuses parameters that are not the model's, every one that is missing, unknown to the model or of
/// another shape; one a line.
void check_parameter_shapes(const std::vector<NamedTensor>& parameters,
                            const ParameterShapes& expected, const std::string& path);

}  // namespace theria

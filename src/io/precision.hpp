// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/core/tensor.hpp"
#include "src/deck/deck.hpp"

namespace theria {

/// The number types a Tensor can hold, by the deck's word.
Precision precision_of(const Tensor& tensor);

/// The tensor rounded to a precision; an overflow becomes infinity.
Tensor rounded(const Tensor& tensor, Precision precision);

/// As `rounded`, for values that are finite: one too large for the precision is a UserError naming
/// file, data set and index.
Tensor to_precision(const Tensor& tensor, Precision precision, const std::string& file,
                    const std::string& data_set);

/// Refuses a value that is not finite, naming file, data set and index.
void check_finite(const Tensor& tensor, const std::string& file, const std::string& data_set);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/core/tensor.hpp"
#include "src/deck/deck.hpp"

namespace theria {

/// The number types a Tensor can hold, by the deck's word.
Precision precision_of(const Tensor& tensor);

/// What parameters of a run, and all arithmetic but that of attention, have: float32 for what is less.
constexpr Precision parameter_precision(Precision precision) {
  return precision == Precision::float64 ? Precision::float64 : Precision::float32;
}

/// A number rounded to what a precision stores (tfloat32: float32); an overflow becomes infinity.
double rounded(double x, Precision precision);

/// The tensor rounded to what a precision stores, in double or float; an overflow becomes infinity.
Tensor rounded(const Tensor& tensor, Precision precision);

/// As `rounded`, for values that are finite: one too large for the precision is a UserError naming
/// file, data set and index.
Tensor to_precision(const Tensor& tensor, Precision precision, const std::string& file,
                    const std::string& data_set);

/// Refuses a value that is not finite, naming file, data set and index.
void check_finite(const Tensor& tensor, const std::string& file, const std::string& data_set);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "src/apply/sdpa_call.hpp"

namespace theria {

/// What one operator loses to rounding on numbers with outliers, N(0,1) + N(0,100)·Bernoulli(0.001).
struct AccuracyRow {
  SdpaOperator operation;
  std::vector<double> rmse;  // by Precision, in the order of its enumerators
  double dense_float32;      // of the dense formula, for comparison
};

/// √(mean (x − exact)² / mean exact²) of every operator and precision, over the worst of its results, at
/// B 1, H 4, T 256, D 64. Inputs are rounded to what a precision stores first, so that what is measured
/// is the operator's own loss; exact is the serial dense reference, in long double for float64.
/// Distribution: Shah et al., "FlashAttention-3" (arXiv:2407.08608), section 4.3.
std::vector<AccuracyRow> accuracy(Backend backend);

}  // namespace theria

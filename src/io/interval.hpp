// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

namespace theria {

/// A mean over n tasks and half the width of its 95 % interval, 1.96 s / sqrt(n) with
/// s² = Σ (x − mean)² / (n − 1). NaN is a task that was left out and doesn't count. The half-width of a single task is NaN: one task tells no spread.
struct Interval {
  double mean;
  double half_width;
};

Interval interval_of(std::span<const double> values);

/// "1.2346", "1.235e+09" where that would be long, or "none" of NaN.
std::string number_words(double value, int digits);
/// "1.2346 ± 0.0012"; without a half-width where a single task gives none.
std::string interval_words(const Interval& interval, int digits);

}  // namespace theria

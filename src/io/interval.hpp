// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace theria {

/// A mean over n tasks and half the width of its 95 % interval, 1.96 s / sqrt(n) with
/// s² = Σ (x − mean)² / (n − 1). The half-width of a single task is NaN: one task tells no spread.
struct Interval {
  double mean;
  double half_width;
};

Interval interval_of(std::span<const double> values);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/io/interval.hpp"

#include <cmath>

namespace theria {

Interval interval_of(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {.mean = mean, .half_width = 1.96 * std::sqrt(squares / (count - 1) / count)};
}

}  // namespace theria

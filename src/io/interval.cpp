// SPDX-License-Identifier: Apache-2.0
#include "src/io/interval.hpp"

#include <fmt/format.h>

#include <cmath>

namespace theria {

Interval interval_of(std::span<const double> values) {
  double count = 0, sum = 0, squares = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  const double mean = sum / count;
  for (const double value : values)
    if (!std::isnan(value)) squares += (value - mean) * (value - mean);
  return {.mean = mean, .half_width = 1.96 * std::sqrt(squares / (count - 1) / count)};
}

std::string number_words(double value, int digits) {
  if (std::isnan(value)) return "none";
  return std::abs(value) < 1e6 ? fmt::format("{:.{}f}", value, digits)
                               : fmt::format("{:.3e}", value);
}

std::string interval_words(const Interval& interval, int digits) {
  const std::string mean = number_words(interval.mean, digits);
  if (!std::isfinite(interval.half_width)) return mean;
  return mean + " ± " + number_words(interval.half_width, digits);
}

}  // namespace theria

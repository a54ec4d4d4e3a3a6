// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "src/core/error.hpp"

namespace theria {

/// Refuses an input file: "tasks.h5: /x_support …".
[[noreturn]] inline void fault(const std::string& file, const std::string& what) {
  throw UserError(file + ": " + what);
}

/// "(2,3,5)"; "()" for a scalar.
inline std::string shape_text(std::span<const std::size_t> shape) {
  return fmt::format("({})", fmt::join(shape, ","));
}

/// The index of the flat row-major position `flat`: "(0,3,2)".
inline std::string index_text(std::span<const std::size_t> shape, std::size_t flat) {
  std::vector<std::size_t> index(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    index[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  return shape_text(index);
}

/// The shortest decimal that gives the number back; a NaN of either sign is "nan".
inline std::string number_text(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{}", value);
}

/// Number of elements.
inline std::size_t count_of(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (const auto extent : shape) count *= extent;
  return count;
}

}  // namespace theria

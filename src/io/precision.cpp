// SPDX-License-Identifier: Apache-2.0
#include "src/io/precision.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/sixteen_bits.hpp"
#include "src/io/fault.hpp"

namespace theria {

namespace {

/// Position of the first value that is not finite; the count where there is none.
std::size_t first_not_finite(const Tensor& tensor) {
  return std::visit(
      [](const auto& values) {
        const auto bad = std::find_if_not(values.begin(), values.end(),
                                          [](auto value) { return std::isfinite(value); });
        return static_cast<std::size_t>(bad - values.begin());
      },
      tensor.values);
}

double value_at(const Tensor& tensor, std::size_t flat) {
  return std::visit([&](const auto& values) { return static_cast<double>(values[flat]); },
                    tensor.values);
}

}  // namespace

Precision precision_of(const Tensor& tensor) {
  return std::holds_alternative<std::vector<float>>(tensor.values) ? Precision::float32
                                                                   : Precision::float64;
}

double rounded(double x, Precision precision) {
  switch (precision) {
    case Precision::float64:
      return x;
    case Precision::float32:
    case Precision::tfloat32:
      return static_cast<float>(x);
    case Precision::bfloat16:
      return BFloat16(static_cast<float>(x));
    case Precision::float16:
      return Float16(static_cast<float>(x));
  }
  return x;
}

Tensor rounded(const Tensor& tensor, Precision precision) {
  Tensor result{.shape = tensor.shape, .values = {}};
  std::visit(
      [&](const auto& values) {
        if (precision == Precision::float64) {
          result.values = std::vector<double>(values.begin(), values.end());
          return;
        }
        std::vector<float> narrower(values.begin(), values.end());
        for (float& x : narrower)
          x = static_cast<float>(rounded(static_cast<double>(x), precision));
        result.values = std::move(narrower);
      },
      tensor.values);
  return result;
}

Tensor to_precision(const Tensor& tensor, Precision precision, const std::string& file,
                    const std::string& data_set) {
  auto result = rounded(tensor, precision);
  const auto bad = first_not_finite(result);
  if (bad < count_of(tensor.shape)) {
    fault(file, fmt::format("{}{} is {}, too large for {}", data_set, index_text(tensor.shape, bad),
                            value_at(tensor, bad), word_of(precision)));
  }
  return result;
}

void check_finite(const Tensor& tensor, const std::string& file, const std::string& data_set) {
  const auto bad = first_not_finite(tensor);
  if (bad < count_of(tensor.shape)) {
    fault(file, fmt::format("{}{} is {}; accepted: finite numbers", data_set,
                            index_text(tensor.shape, bad), number_text(value_at(tensor, bad))));
  }
}

}  // namespace theria

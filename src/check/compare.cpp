// SPDX-License-Identifier: Apache-2.0
#include "src/check/compare.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace theria {

std::vector<double> values_of(const Tensor& tensor) {
  return std::visit(
      [](const auto& values) { return std::vector<double>(values.begin(), values.end()); },
      tensor.values);
}

double relative_error(const Tensor& x, const Tensor& reference, double terms) {
  const auto given = values_of(x), wanted = values_of(reference);
  if (x.shape != reference.shape) return std::numeric_limits<double>::infinity();
  double worst = 0, scale = 0;
  for (std::size_t n = 0; n < given.size(); ++n) {
    if (given[n] == wanted[n]) {
      if (std::isfinite(wanted[n])) scale = std::max(scale, std::abs(wanted[n]));
      continue;
    }
    const double error = std::abs(given[n] - wanted[n]);
    if (!std::isfinite(error)) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, error);
    scale = std::max(scale, std::abs(wanted[n]));
  }
  if (scale < 1e-3 * terms) scale = terms;
  return worst == 0 ? 0 : worst / scale;
}

double inner(const TensorSet& x, const std::string& x_suffix, const TensorSet& y,
             const std::string& y_prefix, const std::string& y_suffix) {
  double sum = 0;
  for (const char* name : {"q", "k", "v", "bias"}) {
    const auto left = x.find(name + x_suffix), right = y.find(y_prefix + name + y_suffix);
    if (left == x.end() || right == y.end()) continue;
    const auto a = values_of(left->second), b = values_of(right->second);
    for (std::size_t n = 0; n < a.size(); ++n) sum += std::isfinite(a[n]) ? a[n] * b[n] : 0;
  }
  return sum;
}

double dot(const Tensor& x, const Tensor& y) {
  const auto a = values_of(x), b = values_of(y);
  double sum = 0;
  for (std::size_t n = 0; n < a.size(); ++n) sum += a[n] * b[n];
  return sum;
}

std::size_t differing(const TensorSet& x, const TensorSet& y) {
  std::size_t count = 0;
  for (const auto& [name, tensor] : x) {
    const auto other = y.find(name);
    if (other == y.end()) return std::numeric_limits<std::size_t>::max();
    const auto a = values_of(tensor), b = values_of(other->second);
    for (std::size_t n = 0; n < a.size(); ++n)
      count += std::memcmp(&a[n], &b[n], sizeof(double)) != 0 ? 1 : 0;
  }
  return count;
}

double largest(const Tensor& tensor) {
  double most = 0;
  for (const double x : values_of(tensor)) {
    if (std::isnan(x)) return std::numeric_limits<double>::infinity();
    most = std::max(most, std::abs(x));
  }
  return most;
}

}  // namespace theria

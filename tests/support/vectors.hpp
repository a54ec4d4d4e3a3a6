// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace theria::test {

using Vector = std::vector<double>;

/// `count` multiples of 1/steps, uniform in [−1, 1), the same for a seed everywhere. With steps a
/// power of two a value is exact in float, and so are short sums of products of coarse ones.
inline Vector random_vector(std::size_t count, std::uint64_t seed, int steps = 1024) {
  std::mt19937_64 engine(seed);
  Vector x(count);
  for (double& value : x)
    value = (static_cast<int>(engine() >> 33) % (2 * steps) - steps) / static_cast<double>(steps);
  return x;
}

inline double dot(const Vector& x, const Vector& y) {
  double sum = 0;
  for (std::size_t n = 0; n < x.size(); ++n) sum += x[n] * y[n];
  return sum;
}

inline double norm(const Vector& x) { return std::sqrt(dot(x, x)); }

/// a·x + b·y
inline Vector combine(double a, const Vector& x, double b, const Vector& y) {
  Vector z(x.size());
  for (std::size_t n = 0; n < x.size(); ++n) z[n] = a * x[n] + b * y[n];
  return z;
}

/// (f(x + h v) − f(x − h v)) / 2h
template <class Function>
Vector central_difference(const Function& f, const Vector& x, const Vector& v, double h) {
  return combine(1 / (2 * h), f(combine(1, x, h, v)), -1 / (2 * h), f(combine(1, x, -h, v)));
}

}  // namespace theria::test

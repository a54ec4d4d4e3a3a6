// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace theria::test {

/// The outcome of a comparison; CHECK prints `text` when it does not hold.
struct Verdict {
  bool holds;
  std::string text;
  explicit operator bool() const { return holds; }
  friend std::ostream& operator<<(std::ostream& out, const Verdict& v) { return out << v.text; }
};

inline double largest_finite(const std::vector<double>& x) {
  double most = 0;
  for (const double value : x)
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  return most;
}

/// |given − wanted| ≤ tolerance · size for every element, size the largest finite |wanted| unless
/// one is given (where the wanted values are zero by structure: the terms that cancel). Equal
/// infinities agree, NaN agrees with nothing. The text names the worst index and both values.
inline Verdict allclose(const std::vector<double>& given, const std::vector<double>& wanted,
                        double tolerance, double size = 0) {
  if (given.size() != wanted.size())
    return {false,
            std::to_string(given.size()) + " values, wanted " + std::to_string(wanted.size())};
  if (size == 0) size = largest_finite(wanted);
  double worst = 0;
  std::size_t at = 0;
  for (std::size_t n = 0; n < given.size(); ++n) {
    if (given[n] == wanted[n]) continue;
    const double error = std::abs(given[n] - wanted[n]);
    const double ranked = std::isfinite(error) ? error : std::numeric_limits<double>::infinity();
    if (ranked > worst) {
      worst = ranked;
      at = n;
    }
  }
  std::ostringstream text;
  text.precision(17);
  if (given.empty()) return {true, "no values"};
  text << "worst at [" << at << "]: " << given[at] << ", wanted " << wanted[at];
  text.precision(3);
  text << "; error " << worst << " of size " << size << ", allowed " << tolerance << " of it";
  return {worst <= tolerance * size, text.str()};
}

/// The same bits, so that −0 differs from 0 and a NaN agrees with itself.
template <class T>
Verdict same_bits(const std::vector<T>& given, const std::vector<T>& wanted) {
  if (given.size() != wanted.size())
    return {false,
            std::to_string(given.size()) + " values, wanted " + std::to_string(wanted.size())};
  std::size_t differing = 0, first = 0;
  for (std::size_t n = 0; n < given.size(); ++n)
    if (std::memcmp(&given[n], &wanted[n], sizeof(T)) != 0 && differing++ == 0) first = n;
  if (differing == 0) return {true, "the same bits"};
  std::ostringstream text;
  text.precision(17);
  text << differing << " of " << given.size() << " values differ, first at [" << first
       << "]: " << given[first] << ", wanted " << wanted[first];
  return {false, text.str()};
}

}  // namespace theria::test

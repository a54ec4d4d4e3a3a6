// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace theria {

/// A value, or why there is none, in words that follow the key's name: `must be a whole number, not
/// …`.
template <typename Value>
struct Parsed {
  std::optional<Value> value;
  std::string reason;
  bool outside = false;  // a number, but beyond the limits
};

/// The limits of a number, each a decimal number or, to shut the limit itself out, ">0" or "<1".
struct Limits {
  std::string_view low;   // empty: none
  std::string_view high;  // empty: none
};

/// "from 0 to 1000", "above 0", "0 or more", "9"; empty without limits.
std::string words(const Limits& limits);

bool keeps(double value, const Limits& limits);

/// A whole number in decimal digits. Everything that some reader would take for another number
/// (010, 0x10, 1_000, 1e3, 5.0) is refused, and the reason says what to write.
Parsed<std::int64_t> parse_count(std::string_view text, const Limits& limits);

/// A finite decimal number: 0.4, 4e-1, -2. Refused: nan, inf, 007.5, 0x1p3, what float64 cannot
/// hold.
Parsed<double> parse_number(std::string_view text, const Limits& limits);

/// `true` or `false`.
Parsed<bool> parse_boolean(std::string_view text);

}  // namespace theria

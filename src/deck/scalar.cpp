// SPDX-License-Identifier: Apache-2.0
#include "src/deck/scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "src/deck/text.hpp"

namespace theria {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The parts of `-12.5e-3`; nothing where the text is no decimal number.
struct Decimal {
  bool negative;
  std::string_view whole;     // "12", may be empty: .5
  std::string_view fraction;  // "5", may be empty: 12.
  bool point, exponent;
};

std::optional<Decimal> decimal(std::string_view text) {
  Decimal parts{};
  parts.negative = text.starts_with('-');
  if (parts.negative) text.remove_prefix(1);
  const auto take_digits = [&] {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
  };
  parts.whole = take_digits();
  parts.point = text.starts_with('.');
  if (parts.point) {
    text.remove_prefix(1);
    parts.fraction = take_digits();
  }
  if (parts.whole.empty() && parts.fraction.empty()) return std::nullopt;
  parts.exponent = text.starts_with('e') || text.starts_with('E');
  if (parts.exponent) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (take_digits().empty()) return std::nullopt;
  }
  return text.empty() ? std::optional(parts) : std::nullopt;
}

std::string without(std::string_view text, char unwanted) {
  std::string rest(text);
  rest.erase(std::remove(rest.begin(), rest.end(), unwanted), rest.end());
  return rest;
}

/// What a number may look like to other programs but not here; empty where `text` is no such thing.
std::string foreign_form(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.size() > 2 && digits[0] == '0' &&
      std::string_view("xXoObB").find(digits[1]) != digits.npos) {
    return fmt::format("is {}; write it in decimal digits", shown(text));
  }
  const std::string joined = without(text, '_');
  if (joined != text && decimal(joined))
    return fmt::format("is {}; write {}", shown(text), shown(joined));
  if (text.starts_with('+') && decimal(digits)) {
    return fmt::format("is {}; write {}", shown(text), shown(digits));
  }
  return {};
}

bool has_leading_zeros(const Decimal& parts) {
  return parts.whole.size() > 1 && parts.whole[0] == '0';
}

std::string leading_zeros(std::string_view text, const Decimal& parts) {
  const std::size_t zeros = std::min(parts.whole.find_first_not_of('0'), parts.whole.size() - 1);
  std::string plain(text);
  plain.erase(parts.negative ? 1 : 0, zeros);
  return fmt::format(
      "is {}: leading zeros are refused{}; write {}", shown(text),
      parts.point || parts.exponent ? "" : ", since some programs read them as octal",
      shown(plain));
}

template <typename Value>
Parsed<Value> outside(const Limits& limits, std::string_view text) {
  return {{}, fmt::format("must be {}, not {}", words(limits), shown(text)), true};
}

double limit_value(std::string_view limit) {
  if (limit.starts_with('<') || limit.starts_with('>')) limit.remove_prefix(1);
  double value = 0;
  std::from_chars(limit.data(), limit.data() + limit.size(), value);
  return value;
}

std::int64_t limit_count(std::string_view limit) {
  std::int64_t value = 0;
  std::from_chars(limit.data(), limit.data() + limit.size(), value);
  return value;
}

}  // namespace

std::string words(const Limits& limits) {
  const auto bare = [](std::string_view limit) {
    return limit.substr(limit.find_first_not_of("<>"));
  };
  const bool open_low = limits.low.starts_with('>');
  const bool open_high = limits.high.starts_with('<');
  if (limits.low.empty()) return {};
  if (limits.low == limits.high) return std::string(limits.low);
  if (limits.high.empty()) {
    return open_low ? fmt::format("above {}", bare(limits.low))
                    : fmt::format("{} or more", limits.low);
  }
  return fmt::format("{} {} {} {}", open_low ? "above" : "from", bare(limits.low),
                     open_high  ? "to below"
                     : open_low ? "up to"
                                : "to",
                     bare(limits.high));
}

bool keeps(double value, const Limits& limits) {
  const double low = limit_value(limits.low);
  const double high = limit_value(limits.high);
  const bool low_kept =
      limits.low.empty() || (limits.low.starts_with('>') ? value > low : value >= low);
  const bool high_kept =
      limits.high.empty() || (limits.high.starts_with('<') ? value < high : value <= high);
  return low_kept && high_kept;
}

Parsed<std::int64_t> parse_count(std::string_view text, const Limits& limits) {
  const auto refuse = [](std::string reason) {
    return Parsed<std::int64_t>{{}, std::move(reason)};
  };
  if (const std::string reason = foreign_form(text); !reason.empty()) return refuse(reason);
  const auto parts = decimal(text);
  if (!parts) return refuse(fmt::format("must be a whole number, not \"{}\"", shown(text)));
  if (parts->point || parts->exponent) {
    const auto number = parse_number(text, {});
    const bool whole = number.value && std::abs(*number.value) < 1e15 &&
                       std::trunc(*number.value) == *number.value && !has_leading_zeros(*parts);
    return refuse(fmt::format("must be a whole number, not {}", shown(text)) +
                  (whole ? fmt::format("; write {:.0f}", *number.value) : ""));
  }
  if (has_leading_zeros(*parts)) return refuse(leading_zeros(text, *parts));
  std::int64_t value = 0;
  const auto status = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  const bool inside = status == std::errc() &&
                      (limits.low.empty() || value >= limit_count(limits.low)) &&
                      (limits.high.empty() || value <= limit_count(limits.high));
  if (!inside || text == "-0") return outside<std::int64_t>(limits, text);
  return {value, {}};
}

Parsed<double> parse_number(std::string_view text, const Limits& limits) {
  const auto refuse = [](std::string reason) { return Parsed<double>{{}, std::move(reason)}; };
  std::string lower(text.substr(0, 12));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const std::string bare = lower.substr(std::min(lower.find_first_not_of("+-."), lower.size()));
  if (bare == "nan" || bare == "inf" || bare == "infinity") {
    return refuse(fmt::format("must be a finite number, not {}", shown(text)));
  }
  if (const std::string reason = foreign_form(text); !reason.empty()) return refuse(reason);
  const auto parts = decimal(text);
  if (!parts) return refuse(fmt::format("must be a number, not \"{}\"", shown(text)));
  if (has_leading_zeros(*parts)) return refuse(leading_zeros(text, *parts));

  double value = 0;
  const auto status = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  const auto nonzero = [](std::string_view digits) {
    return digits.find_first_not_of('0') != digits.npos;
  };
  const bool is_zero = !nonzero(parts->whole) && !nonzero(parts->fraction);
  if (is_zero) value = 0;
  if (!is_zero && (status != std::errc() || std::isinf(value) || value == 0)) {
    return refuse(fmt::format("is {}, which is beyond the range of float64", shown(text)));
  }
  if (!keeps(value, limits)) return outside<double>(limits, text);
  return {value, {}};
}

Parsed<bool> parse_boolean(std::string_view text) {
  if (text == "true") return {true, {}};
  if (text == "false") return {false, {}};
  return {{}, fmt::format("must be true or false, not \"{}\"", shown(text))};
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/deck/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace theria {

namespace {

constexpr std::size_t longest_compared = 64;

std::string_view last_part(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  if (word.size() > longest_compared) return {};
  std::string_view nearest;
  std::size_t nearest_distance = std::max<std::size_t>(1, word.size() / 4) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  if (nearest.empty()) {
    std::string all;
    for (const std::string_view candidate : known) {
      if (last_part(candidate) != last_part(word)) continue;
      all += fmt::format("{}\"{}\"", all.empty() ? "" : " or ", candidate);
    }
    return all.empty() ? "" : fmt::format(" (did you mean {}?)", all);
  }
  return fmt::format(" (did you mean \"{}\"?)", nearest);
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/deck/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

#include "src/deck/text.hpp"

namespace theria {

namespace {

constexpr std::size_t most_faults_shown = 100;

std::string all_lines(const std::vector<Fault>& faults) {
  std::string lines;
  const std::size_t shown = std::min(faults.size(), most_faults_shown);
  for (std::size_t f = 0; f < shown; ++f) {
    if (f > 0) lines += '\n';
    lines += faults[f].place + ": " + faults[f].message;
  }
  if (shown < faults.size()) lines += fmt::format("\n… and {} more faults", faults.size() - shown);
  return lines;
}

}  // namespace

DeckError::DeckError(std::vector<Fault> all) : UserError(all_lines(all)), faults(std::move(all)) {}

void FaultList::add(const Place& place, std::string message) {
  m_entries.push_back({place, std::move(message)});
}

void FaultList::throw_if_any() const {
  if (m_entries.empty()) return;
  std::vector<Entry> sorted = m_entries;
  const auto order = [](const Entry& entry) {
    const Place& place = entry.place;
    return std::make_tuple(place.override_index, place.line, place.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Entry& a, const Entry& b) { return order(a) < order(b); });
  std::vector<Fault> faults;
  for (const auto& [place, message] : sorted) {
    faults.push_back({place.override_index < 0
                          ? fmt::format("{}:{}:{}", m_deck_path, place.line, place.column)
                          : fmt::format("--set '{}'", shown(place.override_words)),
                      message});
  }
  throw DeckError(std::move(faults));
}

}  // namespace theria

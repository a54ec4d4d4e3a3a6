// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/deck/places.hpp"

namespace theria {

/// Collects faults, so that a user sees all of them at once.
class FaultList {
 public:
  explicit FaultList(std::string deck_path) : m_deck_path(std::move(deck_path)) {}

  void add(const Place& place, std::string message);

  /// Throws DeckError when there is a fault: the deck's by line and column, then those of `--set`.
  void throw_if_any() const;

 private:
  struct Entry {
    Place place;
    std::string message;
  };
  std::string m_deck_path;
  std::vector<Entry> m_entries;
};

}  // namespace theria

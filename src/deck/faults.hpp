// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/deck/deck.hpp"

namespace theria {

/// Where a deck's word stands: line and column of the file, from 1 and in characters, or the
/// `--set` word it came in.
struct Place {
  int line = 1;
  int column = 1;
  int override_index = -1;       // position among the --set words, -1: the deck itself
  std::string override_words{};  // "inner.steps=3"
};

/// Collects faults, so that a user sees all of them at once.
class FaultList {
 public:
  explicit FaultList(std::string deck_path) : m_deck_path(std::move(deck_path)) {}

  void add(const Place& place, std::string message);
  bool empty() const { return m_entries.empty(); }

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

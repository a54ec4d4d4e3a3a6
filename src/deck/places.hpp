// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
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

/// Where the user gave a deck's values, for what is found wrong with them after reading.
struct DeckPlaces {
  std::string deck_path = "deck";
  std::map<std::string, Place, std::less<>> values{};

  /// Of the first of `keys` that was given; the deck's start where none was.
  Place first_of(std::initializer_list<std::string_view> keys) const;
};

struct PlacedDeck {
  Deck deck;
  DeckPlaces places;
};

/// parse_deck, and where the values stand.
PlacedDeck parse_placed_deck(const DeckSource& source, const std::vector<std::string>& overrides);

}  // namespace theria

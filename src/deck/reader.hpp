// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/deck/faults.hpp"
#include "src/deck/schema.hpp"
#include "src/deck/tree.hpp"

namespace theria {

/// The values that a deck and its overrides give, by key.
struct Given {
  TreeNode value;
  Place key_place{};
};

struct GivenKeys {
  bool empty_deck = false;
  std::map<std::string, Given, std::less<>> keys{};
  std::map<std::string, Place, std::less<>> sections{};  // that the deck opens
  std::set<std::string, std::less<>> faulty_sections{};  // whose keys are not known
};

/// Finds the schema's keys in a tree; unknown and duplicate keys and misplaced values are faults.
GivenKeys collect_keys(const TreeNode& root, FaultList& faults);

/// Where the values stand.
DeckPlaces places_of(const std::string& deck_path, const GivenKeys& given);

/// Puts the "key=value" words over the deck's values.
void apply_overrides(const std::vector<std::string>& overrides, GivenKeys& given,
                     FaultList& faults);

/// A Deck of the given values and the schema's defaults.
class DeckFiller {
 public:
  DeckFiller(const GivenKeys& given, const DeckPlaces& places, FaultList& faults)
      : m_given(given), m_places(places), m_faults(faults) {}

  Deck fill();

  /// Whether every one of `keys` has a value free of faults, so that they can be judged together.
  bool sound(std::initializer_list<std::string_view> keys) const;

  /// Faults the first of `keys` that the user gave.
  void fault(std::initializer_list<std::string_view> keys, std::string message);

 private:
  void fill_key(const KeySchema& entry);
  void fault_missing(const KeySchema& entry, std::string_view selected);
  void store(const KeySchema& entry, const KeyRule& rule, const Given& given);
  void store_scalar(const KeySchema& entry, const KeyRule& rule, const TreeNode& node);
  void refuse(const KeySchema& entry, const Place& place, std::string_view reason);
  std::string unused_words(const KeySchema& entry, std::string_view selected) const;

  const GivenKeys& m_given;
  const DeckPlaces& m_places;
  FaultList& m_faults;
  Deck m_deck;
  std::set<std::string_view> m_unsound;
};

/// Faults of values that do not fit each other: more classes than sequences, signals without room,
/// …
void check_together(const Deck& deck, DeckFiller& filler);

}  // namespace theria

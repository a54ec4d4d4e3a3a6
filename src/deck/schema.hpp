// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/deck/deck.hpp"
#include "src/deck/scalar.hpp"

namespace theria {

enum class ValueType { count, number, boolean, word, text };

/// Default and limits of a key, where its selector has the word `when` (empty: everywhere).
struct KeyRule {
  std::string_view when;
  std::optional<std::string_view> initial;  // as a deck would write it; none: the key is required
  Limits limits;                            // of a text: its length in bytes
};

/// One of an enumeration's words, by position.
struct WordSlot {
  std::function<void(int)> set;
  std::function<int()> get;
};

/// Where a key's value lives in a Deck.
using Slot = std::variant<std::uint64_t*, int*, double*, bool*, std::string*, WordSlot>;

/// All that theria knows of a deck key. The reader, its messages, the effective deck, `theria
/// schema` and the reference in docs/ have no other source.
struct KeySchema {
  std::string_view key;  // "inner.steps"
  ValueType type;
  std::string_view meaning;
  std::string_view
      selector;  // the key whose word picks the rule, empty: the one rule holds everywhere
  std::vector<KeyRule> rules;
  std::vector<std::string_view> choices;  // of a word
  Slot (*slot)(Deck&);

  /// The rule under the selector's word; none where the key is not used.
  const KeyRule* rule(std::string_view selected) const;
};

/// Every key, in the order of the effective deck; a selector stands before the keys that it
/// selects.
std::span<const KeySchema> schema();

/// The word that `entry`'s selector has in `deck`; empty for a key without one.
std::string_view selected_word(const KeySchema& entry, const Deck& deck);

const KeySchema* find_key(std::string_view key);
bool is_section(std::string_view name);

/// `theria schema`: every key with type, default, limits and meaning, for a terminal.
std::string schema_text();

/// The same as the body of the deck reference in docs/.
std::string schema_markdown();

}  // namespace theria

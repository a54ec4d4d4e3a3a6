// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "src/deck/schema.hpp"

namespace theria {

namespace {

/// A double-quoted YAML scalar: the one form that holds every text on one line.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        result += "\\\"";
        break;
      case '\\':
        result += "\\\\";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        result += c;
    }
  }
  return result + '"';
}

std::string value_text(const KeySchema& entry, Deck& deck) {
  const Slot slot = entry.slot(deck);
  switch (entry.type) {
    case ValueType::count:
      return std::holds_alternative<int*>(slot)
                 ? fmt::format("{}", *std::get<int*>(slot))
                 : fmt::format("{}", *std::get<std::uint64_t*>(slot));
    case ValueType::number:
      return fmt::format("{}",
                         *std::get<double*>(slot));  // the shortest text that reads back the same
    case ValueType::boolean:
      return *std::get<bool*>(slot) ? "true" : "false";
    case ValueType::word:
      return std::string(entry.choices[static_cast<std::size_t>(std::get<WordSlot>(slot).get())]);
    case ValueType::text:
      return quoted(*std::get<std::string*>(slot));
  }
  return {};
}

}  // namespace

std::string effective_deck(const Deck& deck) {
  Deck copy = deck;
  std::string text = "# theria's effective deck: every key of this run, defaults filled in\n";
  std::string_view section;
  for (const KeySchema& entry : schema()) {
    if (entry.rule(selected_word(entry, deck)) == nullptr) continue;
    const std::size_t dot = entry.key.find('.');
    const bool nested = dot != std::string_view::npos;
    if (nested && entry.key.substr(0, dot) != section) {
      section = entry.key.substr(0, dot);
      text += fmt::format("{}:\n", section);
    }
    text += fmt::format("{}{}: {}\n", nested ? "  " : "",
                        nested ? entry.key.substr(dot + 1) : entry.key, value_text(entry, copy));
  }
  return text;
}

}  // namespace theria

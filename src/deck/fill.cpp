// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/deck/reader.hpp"
#include "src/deck/suggest.hpp"
#include "src/deck/text.hpp"

namespace theria {

namespace {

std::string list_of(const std::vector<std::string_view>& words) {
  std::string list;
  for (const std::string_view word : words)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", word);
  return list;
}

std::string wanted(const KeySchema& entry) {
  switch (entry.type) {
    case ValueType::count:
      return "a whole number";
    case ValueType::number:
      return "a number";
    case ValueType::boolean:
      return "true or false";
    case ValueType::word:
      return "one of " + list_of(entry.choices);
    case ValueType::text:
      return "a text";
  }
  return {};
}

/// Why `text` cannot be the text of `key`, empty where it can: names of files are one line.
std::string text_reason(const KeySchema& entry, const std::string& text, const Limits& limits) {
  const bool free_text = entry.key == "notes";
  const auto unfit = [&](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code == 0x7FU || (code < 0x20U && !(free_text && (c == '\n' || c == '\t')));
  };
  if (first_invalid_utf8(text) != std::string::npos) {
    return fmt::format("must be UTF-8 text, not \"{}\"", shown(text));
  }
  if (std::any_of(text.begin(), text.end(), unfit)) {
    return fmt::format("has a control character: \"{}\"", shown(text));
  }
  if (limits.low == "1" && text.empty()) return "must not be empty";
  const auto length = parse_count(fmt::format("{}", text.size()), limits);
  return length.value
             ? ""
             : fmt::format("must be at most {} bytes long, not {}", limits.high, text.size());
}

}  // namespace

Deck DeckFiller::fill() {
  for (const KeySchema& entry : schema()) fill_key(entry);
  return m_deck;
}

void DeckFiller::fill_key(const KeySchema& entry) {
  const auto given = m_given.keys.find(entry.key);
  const bool is_given = given != m_given.keys.end();
  const bool selector_sound = entry.selector.empty() || sound({entry.selector});
  const std::string_view selected = selected_word(entry, m_deck);
  const KeyRule* rule = entry.rule(selected);
  if (!selector_sound) {
    // Of a value whose limits are not known, the type can still be judged.
    const KeyRule any{.when = {}, .initial = {}, .limits = {}};
    if (is_given) store(entry, any, given->second);
    m_unsound.insert(entry.key);
  } else if (is_given && rule == nullptr) {
    m_unsound.insert(entry.key);
    m_faults.add(given->second.key_place,
                 fmt::format("\"{}\" {}", entry.key, unused_words(entry, selected)));
  } else if (is_given) {
    store(entry, *rule, given->second);
  } else if (rule != nullptr && rule->initial) {
    TreeNode value;
    value.kind = TreeNode::Kind::scalar;
    value.text = std::string(*rule->initial);
    store(entry, *rule, {.value = value});
  } else if (rule != nullptr) {
    fault_missing(entry, selected);
  }
}

void DeckFiller::fault_missing(const KeySchema& entry, std::string_view selected) {
  m_unsound.insert(entry.key);
  const std::string section(entry.key.substr(0, entry.key.find('.')));
  if (m_given.faulty_sections.contains(section)) return;
  const auto opened = m_given.sections.find(section);
  const std::string by = selected.empty() ? "" : fmt::format(" by {} {}", entry.selector, selected);
  m_faults.add(
      opened == m_given.sections.end() ? Place{} : opened->second,
      fmt::format("{}\"{}\" is required{}: {}", m_given.empty_deck ? "the deck is empty; " : "",
                  entry.key, by, wanted(entry)));
}

void DeckFiller::store(const KeySchema& entry, const KeyRule& rule, const Given& given) {
  const TreeNode& node = given.value;
  const bool text = entry.type == ValueType::text;
  if (node.kind == TreeNode::Kind::alias) {
    m_unsound.insert(entry.key);  // a fault already
  } else if (node.kind == TreeNode::Kind::null) {
    refuse(entry, given.key_place,
           fmt::format("has no value; give {}{}", wanted(entry),
                       text ? " (\"\" for none)" : ", or leave the key out"));
  } else if (node.kind != TreeNode::Kind::scalar) {
    refuse(entry, node.place,
           fmt::format("must be {}, not a {}", wanted(entry),
                       node.kind == TreeNode::Kind::map ? "map" : "list"));
  } else if (node.quoted && !text && entry.type != ValueType::word) {
    refuse(entry, node.place,
           fmt::format("must be {}, not the text \"{}\"; remove the quotes", wanted(entry),
                       shown(node.text)));
  } else {
    store_scalar(entry, rule, node);
  }
}

void DeckFiller::store_scalar(const KeySchema& entry, const KeyRule& rule, const TreeNode& node) {
  const auto keep = [&](auto target, const auto& parsed) {
    using Target = std::remove_pointer_t<decltype(target)>;
    if (parsed.value) {
      *target = static_cast<Target>(*parsed.value);
    } else {
      const bool by_rule = parsed.outside && !rule.when.empty();
      refuse(entry, node.place,
             parsed.reason + (by_rule ? fmt::format(" ({} {})", entry.selector, rule.when) : ""));
    }
  };
  const Slot slot = entry.slot(m_deck);
  switch (entry.type) {
    case ValueType::count: {
      // Without a rule the limits are those of the slot's type.
      const Limits limits = rule.limits.low.empty() ? Limits{"0", "2147483647"} : rule.limits;
      if (std::holds_alternative<int*>(slot))
        keep(std::get<int*>(slot), parse_count(node.text, limits));
      else
        keep(std::get<std::uint64_t*>(slot), parse_count(node.text, limits));
      break;
    }
    case ValueType::number:
      keep(std::get<double*>(slot), parse_number(node.text, rule.limits));
      break;
    case ValueType::boolean:
      keep(std::get<bool*>(slot), parse_boolean(node.text));
      break;
    case ValueType::word: {
      const auto found = std::find(entry.choices.begin(), entry.choices.end(), node.text);
      if (found != entry.choices.end()) {
        std::get<WordSlot>(slot).set(static_cast<int>(found - entry.choices.begin()));
      } else {
        refuse(entry, node.place,
               fmt::format("must be {}, not \"{}\"{}", wanted(entry), shown(node.text),
                           did_you_mean(node.text, entry.choices)));
      }
      break;
    }
    case ValueType::text: {
      const std::string reason = text_reason(entry, node.text, rule.limits);
      if (reason.empty())
        *std::get<std::string*>(slot) = node.text;
      else
        refuse(entry, node.place, reason);
      break;
    }
  }
}

void DeckFiller::refuse(const KeySchema& entry, const Place& place, std::string_view reason) {
  m_unsound.insert(entry.key);
  m_faults.add(place, fmt::format("\"{}\" {}", entry.key, reason));
}

std::string DeckFiller::unused_words(const KeySchema& entry, std::string_view selected) const {
  std::vector<std::string_view> users;
  for (const KeyRule& rule : entry.rules) users.push_back(rule.when);
  return fmt::format("is not used by {} {} (only by {}); remove it", entry.selector, selected,
                     list_of(users));
}

bool DeckFiller::sound(std::initializer_list<std::string_view> keys) const {
  return std::none_of(keys.begin(), keys.end(),
                      [&](std::string_view key) { return m_unsound.contains(key); });
}

void DeckFiller::fault(std::initializer_list<std::string_view> keys, std::string message) {
  m_faults.add(m_places.first_of(keys), std::move(message));
}

}  // namespace theria

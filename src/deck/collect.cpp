// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "src/deck/reader.hpp"
#include "src/deck/suggest.hpp"
#include "src/deck/text.hpp"

namespace theria {

namespace {

/// Names of the whole schema: sections and full keys.
std::vector<std::string_view> known_names() {
  std::vector<std::string_view> names;
  for (const KeySchema& entry : schema()) {
    const std::size_t dot = entry.key.find('.');
    const auto section = entry.key.substr(0, dot);
    if (dot != std::string_view::npos &&
        (names.empty() || names.back().substr(0, dot) != section)) {
      names.push_back(section);
    }
    names.push_back(entry.key);
  }
  return names;
}

std::string keys_of(std::string_view section) {
  std::string list;
  for (const KeySchema& entry : schema()) {
    if (!entry.key.starts_with(std::string(section) + ".")) continue;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", entry.key.substr(section.size() + 1));
  }
  return list;
}

/// Visits the entries of one map, with its place among the schema's names: "" or "inner.".
class Collector {
 public:
  Collector(GivenKeys& given, FaultList& faults) : m_given(given), m_faults(faults) {}

  void visit(const TreeNode& map, const std::string& prefix) {
    for (const TreeEntry& entry : map.entries) {
      if (entry.key.kind == TreeNode::Kind::alias) continue;  // a fault already
      if (entry.key.kind != TreeNode::Kind::scalar) {
        m_faults.add(entry.key.place,
                     "a key must be a word of the schema; `theria schema` lists them");
      } else if (entry.key.text == "<<" && !entry.key.quoted) {
        m_faults.add(entry.key.place, "merge keys (\"<<\") are refused; write the keys out");
      } else {
        visit_entry(entry, prefix);
      }
    }
  }

 private:
  void visit_entry(const TreeEntry& entry, const std::string& prefix) {
    const std::string key = prefix + entry.key.text;
    const auto [first, is_first] = m_first.try_emplace(key, entry.key.place);
    if (!is_first) {
      m_faults.add(entry.key.place, fmt::format("duplicate key \"{}\" (first at line {})",
                                                shown(key), first->second.line));
      return;
    }
    const bool dotted = entry.key.text.find('.') != std::string::npos;
    if (prefix.empty() && is_section(key)) {
      visit_section(entry, key);
    } else if (find_key(key) != nullptr && !dotted) {
      m_given.keys[key] = {.value = entry.value, .key_place = entry.key.place};
    } else if (find_key(key) != nullptr) {
      m_faults.add(entry.key.place,
                   fmt::format("\"{0}\" belongs under \"{1}:\", as \"{2}:\" with spaces before it",
                               key, key.substr(0, key.find('.')), key.substr(key.find('.') + 1)));
    } else {
      static const std::vector<std::string_view> names = known_names();
      m_faults.add(entry.key.place,
                   fmt::format("unknown key \"{}\"{}", shown(key), did_you_mean(key, names)));
    }
  }

  void visit_section(const TreeEntry& entry, const std::string& name) {
    m_given.sections[name] = entry.key.place;
    if (entry.value.kind == TreeNode::Kind::map) {
      visit(entry.value, name + ".");
      return;
    }
    m_given.faulty_sections.insert(name);
    if (entry.value.kind == TreeNode::Kind::alias) return;  // a fault already
    if (entry.value.kind == TreeNode::Kind::null) {
      m_faults.add(entry.key.place,
                   fmt::format("\"{}\" is empty; put keys below it ({}), or leave it out", name,
                               keys_of(name)));
    } else {
      const bool list = entry.value.kind == TreeNode::Kind::list;
      m_faults.add(entry.value.place,
                   fmt::format("\"{}\" must be a map of keys ({}), not {}", name, keys_of(name),
                               list ? "a list" : '"' + shown(entry.value.text) + '"'));
    }
  }

  GivenKeys& m_given;
  FaultList& m_faults;
  std::map<std::string, Place> m_first;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t start = std::min(text.find_first_not_of(" \t"), text.size());
  const std::size_t last = text.find_last_not_of(" \t");
  return last == std::string_view::npos ? "" : text.substr(start, last + 1 - start);
}

}  // namespace

GivenKeys collect_keys(const TreeNode& root, FaultList& faults) {
  GivenKeys given{.empty_deck = root.entries.empty()};
  if (root.kind == TreeNode::Kind::map) {
    Collector(given, faults).visit(root, "");
  } else if (root.kind == TreeNode::Kind::list) {
    faults.add(root.place, "a deck is a map of keys (\"seed: 1\"), not a list");
  } else if (root.kind == TreeNode::Kind::scalar) {
    faults.add(root.place,
               fmt::format("a deck is a map of keys (\"seed: 1\"), not the text \"{}\"{}",
                           shown(root.text),
                           !root.quoted && root.text.find(':') != std::string::npos
                               ? "; put a space after \":\""
                               : ""));
  }
  return given;
}

DeckPlaces places_of(const std::string& deck_path, const GivenKeys& given) {
  DeckPlaces places{.deck_path = deck_path};
  for (const auto& [key, entry] : given.keys) places.values[key] = entry.value.place;
  return places;
}

void apply_overrides(const std::vector<std::string>& overrides, GivenKeys& given,
                     FaultList& faults) {
  static const std::vector<std::string_view> names = known_names();
  std::set<std::string, std::less<>> seen;
  for (std::size_t i = 0; i < overrides.size(); ++i) {
    const std::string& words = overrides[i];
    const Place place{.override_index = static_cast<int>(i), .override_words = words};
    const std::size_t equals = words.find('=');
    if (equals == std::string::npos) {
      faults.add(place, "write key=value, as in inner.steps=3");
      continue;
    }
    const std::string key(trimmed(std::string_view(words).substr(0, equals)));
    const KeySchema* entry = find_key(key);
    if (is_section(key)) {
      faults.add(place,
                 fmt::format("\"{0}\" is a section; set its keys ({1}), as in {0}.{2}=…", key,
                             keys_of(key), keys_of(key).substr(0, keys_of(key).find(','))));
    } else if (entry == nullptr) {
      faults.add(place, fmt::format("unknown key \"{}\"{}", shown(key), did_you_mean(key, names)));
    } else if (!seen.insert(key).second) {
      faults.add(place, fmt::format("\"{}\" is set twice", key));
    } else {
      const std::string_view value = std::string_view(words).substr(equals + 1);
      const bool text = entry->type == ValueType::text;
      given.keys[key] = {.value = {.kind = TreeNode::Kind::scalar,
                                   .place = place,
                                   .text = std::string(text ? value : trimmed(value))},
                         .key_place = place};
    }
  }
}

}  // namespace theria

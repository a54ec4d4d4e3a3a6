// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <string_view>

#include "src/deck/schema.hpp"

namespace theria {

namespace {

std::string type_words(const KeySchema& entry) {
  switch (entry.type) {
    case ValueType::count:
      return "whole number";
    case ValueType::number:
      return "number";
    case ValueType::boolean:
      return "true or false";
    case ValueType::word: {
      std::string list;
      for (const std::string_view choice : entry.choices) {
        list += fmt::format("{}{}", list.empty() ? "" : " | ", choice);
      }
      return list;
    }
    case ValueType::text:
      return "text";
  }
  return {};
}

std::string default_words(const KeySchema& entry, const KeyRule& rule) {
  if (!rule.initial) return "required";
  return entry.type == ValueType::text ? fmt::format("default \"{}\"", *rule.initial)
                                       : fmt::format("default {}", *rule.initial);
}

std::string limit_words(const KeySchema& entry, const KeyRule& rule) {
  const bool numeric = entry.type == ValueType::count || entry.type == ValueType::number;
  return numeric ? words(rule.limits) : "";
}

/// "default 32, from 2 to 65536"
std::string rule_words(const KeySchema& entry, const KeyRule& rule) {
  const std::string limits = limit_words(entry, rule);
  const bool only = rule.limits.low == rule.limits.high;
  return default_words(entry, rule) + (limits.empty() ? ""
                                       : only         ? ", nothing else"
                                                      : ", " + limits);
}

}  // namespace

std::string schema_text() {
  std::string text =
      "theria deck keys. A deck is YAML; \"inner.steps\" is the key \"steps:\" below \"inner:\".\n"
      "Everything but task.kind has a default, and `--set key=value` overrides any of them.\n";
  std::string_view section;
  bool in_section = true;
  for (const KeySchema& entry : schema()) {
    const std::string_view here = entry.key.substr(0, entry.key.find('.'));
    const bool opens = here != entry.key;  // a section, rather than a key of the deck itself
    if (here != section && (opens || in_section)) text += '\n';
    section = here;
    in_section = opens;
    const KeyRule& first = entry.rules.front();
    if (first.when.empty()) {
      text +=
          fmt::format("{:<18} {}; {}\n", entry.key, type_words(entry), rule_words(entry, first));
    } else {
      text += fmt::format("{:<18} {}\n", entry.key, type_words(entry));
      for (const KeyRule& rule : entry.rules) {
        text += fmt::format("{:<18} with {} {}: {}\n", "", entry.selector, rule.when,
                            rule_words(entry, rule));
      }
    }
    text += fmt::format("{:<18}   {}\n", "", entry.meaning);
  }
  return text;
}

std::string schema_markdown() {
  std::string text = "| key | type | default and limits | meaning |\n|---|---|---|---|\n";
  for (const KeySchema& entry : schema()) {
    std::string rules;
    for (const KeyRule& rule : entry.rules) {
      const std::string where = rule.when.empty() ? "" : fmt::format("`{}`: ", rule.when);
      rules += fmt::format("{}{}{}", rules.empty() ? "" : "<br>", where, rule_words(entry, rule));
    }
    std::string type = type_words(entry);
    for (std::size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2)
      type.insert(at, "\\");
    text += fmt::format("| `{}` | {} | {} | {} |\n", entry.key, type, rules, entry.meaning);
  }
  return text;
}

}  // namespace theria

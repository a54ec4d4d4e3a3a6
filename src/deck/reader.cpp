// SPDX-License-Identifier: Apache-2.0
#include "src/deck/reader.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "src/deck/text.hpp"

namespace theria {

namespace {

constexpr std::size_t largest_deck = std::size_t{1} << 20U;  // bytes

[[noreturn]] void refuse_file(const std::string& path, const std::string& message) {
  throw DeckError(std::vector<Fault>{{shown_path(path), message}});
}

}  // namespace

DeckSource load_deck(const std::string& path) {
  std::error_code status;
  if (std::filesystem::is_directory(path, status)) refuse_file(path, "is a folder, not a deck");
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
  if (!file) refuse_file(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  std::string text(largest_deck + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) {
    refuse_file(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  }
  if (text.size() > largest_deck) {
    refuse_file(path,
                fmt::format("is larger than {} bytes; a deck is a page of text", largest_deck));
  }
  return {path, std::move(text)};
}

Place DeckPlaces::first_of(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys) {
    const auto given = values.find(key);
    if (given != values.end()) return given->second;
  }
  return {};
}

PlacedDeck parse_placed_deck(const DeckSource& source, const std::vector<std::string>& overrides) {
  FaultList faults(shown_path(source.path));
  if (source.text.size() > largest_deck) {
    refuse_file(source.path,
                fmt::format("is larger than {} bytes; a deck is a page of text", largest_deck));
  }
  check_text(source.text, faults);
  faults.throw_if_any();
  const TreeNode root = read_tree(source.text, faults);
  GivenKeys given = collect_keys(root, faults);
  const bool is_map = root.kind == TreeNode::Kind::map || root.kind == TreeNode::Kind::null;
  apply_overrides(overrides, given, faults);
  if (is_map) {
    const DeckPlaces places = places_of(shown_path(source.path), given);
    DeckFiller filler(given, places, faults);
    const Deck deck = filler.fill();
    check_together(deck, filler);
    faults.throw_if_any();
    return {deck, places};
  }
  faults.throw_if_any();
  return {};
}

Deck parse_deck(const DeckSource& source, const std::vector<std::string>& overrides) {
  return parse_placed_deck(source, overrides).deck;
}

Deck read_deck(const std::string& path, const std::vector<std::string>& overrides) {
  return parse_deck(load_deck(path), overrides);
}

Deck default_deck(TaskKind kind) {
  const std::string file = reads_episodes(kind) ? ", file: episodes.h5" : "";
  Deck deck = parse_deck({"default", fmt::format("task: {{kind: {}{}}}", word_of(kind), file)});
  deck.task.file.clear();
  return deck;
}

}  // namespace theria

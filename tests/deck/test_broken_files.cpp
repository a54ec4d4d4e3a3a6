// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "src/deck/deck.hpp"

namespace {

namespace fs = std::filesystem;
using namespace theria;
using namespace std::string_literals;

std::string faults_of(const std::string& text) {
  try {
    parse_deck({"deck.yaml", text});
  } catch (const DeckError& error) {
    return error.what();
  }
  return "no fault";
}

std::string faults_of_file(const std::string& path) {
  try {
    read_deck(path);
  } catch (const DeckError& error) {
    return error.what();
  }
  return "no fault";
}

std::string times(int count, const std::string& text) {
  std::string all;
  all.reserve(static_cast<std::size_t>(count) * text.size());
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST_CASE("what is not a text is refused before YAML sees it") {
  CHECK(faults_of("\xEF\xBB\xBFseed: 1\n") ==
        "deck.yaml:1:1: the file starts with a byte order mark; save it as UTF-8 without one");
  CHECK(faults_of("seed: 1\nnotes: a\0b\n"s) ==
        "deck.yaml:2:9: byte 0x00 does not belong in a text; a deck is UTF-8 YAML");
  CHECK(faults_of("\x7F"
                  "ELF\x02\x01\x01") ==
        "deck.yaml:1:1: byte 0x7f does not belong in a text; a deck is UTF-8 YAML");
  CHECK(faults_of("seed: 1\r\rtask:\r") ==
        "deck.yaml:1:8: byte 0x0d does not belong in a text; a deck is UTF-8 YAML");
  CHECK(faults_of("notes: caf\xE9\n") ==
        "deck.yaml:1:11: byte 0xe9 is not UTF-8; save the deck as UTF-8");
  CHECK(faults_of("notes: \xC0\xAF\n") ==
        "deck.yaml:1:8: byte 0xc0 is not UTF-8; save the deck as UTF-8");
  CHECK(faults_of("notes: \xED\xA0\x80\n") ==
        "deck.yaml:1:8: byte 0xed is not UTF-8; save the deck as UTF-8");
  CHECK(faults_of("\xFF\xFEs\0e\0"s) ==
        "deck.yaml:1:4: byte 0x00 does not belong in a text; a deck is UTF-8 YAML");
  CHECK(faults_of("\x89HDF\r\n\x1A\n\0\0"s) ==
        "deck.yaml:1:1: this is an HDF5 file, not a deck; its deck is the text of /deck/effective");
}

TEST_CASE("bombs end quickly, with a fault") {
  const int many = 1 << 17;
  const std::string too_deep = ": nested deeper than 8 levels; a deck needs 2";
  const struct {
    std::string text, place;
  } bombs[] = {{times(many, "["), "deck.yaml:1:9"},
               {times(many, "{"), "deck.yaml:1:9"},
               {times(many, "- "), "deck.yaml:1:17"},
               {times(many, "? "), "deck.yaml:1:17"},
               {times(many, "{a: "), ""},
               {times(many, "[{"), ""},
               {times(many, "a: [") + "\n", ""}};
  for (const auto& [text, place] : bombs) {
    CAPTURE(text.substr(0, 8));
    const auto start = std::chrono::steady_clock::now();
    const std::string told = faults_of(text);
    CHECK(told.size() < 400);
    CHECK(told.starts_with("deck.yaml:1:"));
    if (!place.empty()) CHECK(told.find(too_deep) != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  }
}

TEST_CASE("long decks take a time in proportion to their length") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(faults_of("notes: [" + times(200000, "1,") + "]").size() < 400);
  CHECK(faults_of("{" + times(60000, "\"a\": 1,") + "}").size() < 40000);
  CHECK(faults_of(times(100000, "a: 1\n")).size() < 40000);
  CHECK(faults_of("seed: " + times(500000, "9")).size() < 400);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("line ends of other systems, a document start and comments are fine") {
  const Deck expected = default_deck(TaskKind::digits);
  CHECK(parse_deck({"deck.yaml", "task:\r\n  kind: digits\r\n"}) == expected);
  CHECK(parse_deck({"deck.yaml", "# first\n---\ntask: {kind: digits} # flow\n...\n"}) == expected);
  CHECK(parse_deck({"deck.yaml", "\"task\":\n  'kind': \"digits\""}) == expected);
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "theria-deck-XXXXXX").string();
    m_path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(m_path); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(m_path / name, std::ios::binary) << text;
    return (m_path / name).string();
  }
  std::string path(const std::string& name) const { return (m_path / name).string(); }

 private:
  fs::path m_path;
};

TEST_CASE("files that cannot be decks are named with the reason") {
  const Folder folder;
  CHECK(faults_of_file(folder.path("none.yaml")) ==
        folder.path("none.yaml") + ": cannot be read: No such file or directory");
  CHECK(faults_of_file(folder.path("")) == folder.path("") + ": is a folder, not a deck");
  const std::string file = folder.write("file", "task: {kind: digits}\n");
  CHECK(faults_of_file(file + "/deck.yaml") ==
        file + "/deck.yaml: cannot be read: Not a directory");
  const std::string large = folder.write("large.yaml", times((1 << 20) + 1, "#"));
  CHECK(faults_of_file(large) ==
        large + ": is larger than 1048576 bytes; a deck is a page of text");
  CHECK(faults_of_file("/dev/zero") ==
        "/dev/zero: is larger than 1048576 bytes; a deck is a page of text");
  if (geteuid() != 0) {
    const std::string closed = folder.write("closed.yaml", "task: {kind: digits}\n");
    fs::permissions(closed, fs::perms::none);
    CHECK(faults_of_file(closed) == closed + ": cannot be read: Permission denied");
  }
  const std::string largest =
      folder.write("largest.yaml", "task: {kind: digits}\n" + times((1 << 20) - 21, "#"));
  CHECK(read_deck(largest) == default_deck(TaskKind::digits));
}

}  // namespace

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "src/deck/faults.hpp"

namespace theria {

constexpr std::size_t longest_shown = 60;

/// `text` fit for one line of an error message: control characters and broken UTF-8 escaped, and
/// cut after `longest` characters.
std::string shown(std::string_view text, std::size_t longest = longest_shown);

/// A file's name, whole.
inline std::string shown_path(std::string_view path) { return shown(path, std::string_view::npos); }

/// The first byte that is not part of well-formed UTF-8, or npos.
std::size_t first_invalid_utf8(std::string_view text);

/// The place of byte `offset` of `text`.
Place place_of_offset(std::string_view text, std::size_t offset);

/// Turns (line, byte of the line), both from 0, into offsets and places of a text. Places asked for
/// in rising order take linear time over all of them, however long the lines are.
class LineIndex {
 public:
  explicit LineIndex(std::string_view text);
  std::size_t offset(int line, int byte) const;
  Place place(int line, int byte);

 private:
  std::string_view m_text;
  std::vector<std::size_t> m_starts;
  int m_last_line =
      0;  // of the last place, with its offset and the characters of its line before it
  std::size_t m_last_offset = 0;
  int m_last_characters = 0;
};

/// Adds a fault for what no YAML reader should be given: a byte order mark, bytes that are not
/// UTF-8 text, a directive, a line indented by a tab.
void check_text(std::string_view text, FaultList& faults);

}  // namespace theria

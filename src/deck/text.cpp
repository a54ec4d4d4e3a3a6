// SPDX-License-Identifier: Apache-2.0
#include "src/deck/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace theria {

namespace {

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

int characters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

bool is_control(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x20U || code == 0x7FU;
}

/// Length of the well-formed UTF-8 sequence that starts `text`, 0 where it is broken.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80U) return 1;
  const std::size_t length = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
  if (lead < 0xC2U || lead > 0xF4U || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const bool overlong = (lead == 0xE0U && byte(1) < 0xA0U) || (lead == 0xF0U && byte(1) < 0x90U);
  const bool surrogate = lead == 0xEDU && byte(1) > 0x9FU;
  const bool beyond_unicode = lead == 0xF4U && byte(1) > 0x8FU;
  return overlong || surrogate || beyond_unicode ? 0 : length;
}

/// Only the first such line: an editor that writes one tab writes a thousand.
void check_tabs(std::string_view text, FaultList& faults) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    const std::size_t content = line.find_first_not_of(" \t\r");
    const std::size_t tab = line.find('\t');
    if (content != std::string_view::npos && line[content] != '#' && tab < content) {
      faults.add(place_of_offset(text, start + tab), "a tab indents this line; use spaces");
      return;
    }
    start = end + 1;
  }
}

void check_directives(std::string_view text, FaultList& faults) {
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    if (line.starts_with('%')) {
      faults.add(place_of_offset(text, start),
                 "theria decks have no YAML directives; remove this line");
      return;
    }
    if (!line.empty() && line[0] != '#' && line.find_first_not_of(" \t\r") != line.npos) return;
    start = end + 1;
  }
}

}  // namespace

std::string shown(std::string_view text, std::size_t longest) {
  std::string result;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++characters) {
    if (characters == longest) return result + "…";
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0 || is_control(text[i])) {
      result += text[i] == '\n'   ? "\\n"
                : text[i] == '\t' ? "\\t"
                                  : fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
      ++i;
    } else {
      result += text.substr(i, length);
      i += length;
    }
  }
  return result;
}

std::size_t first_invalid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

Place place_of_offset(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n');
  const std::size_t last_break = before.rfind('\n');
  const std::string_view head =
      last_break == std::string_view::npos ? before : before.substr(last_break + 1);
  return {.line = static_cast<int>(line) + 1, .column = characters(head) + 1};
}

LineIndex::LineIndex(std::string_view text) : m_text(text), m_starts{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') m_starts.push_back(i + 1);
  }
}

std::size_t LineIndex::offset(int line, int byte) const {
  const auto row = std::min(static_cast<std::size_t>(std::max(line, 0)), m_starts.size() - 1);
  return std::min(m_starts[row] + static_cast<std::size_t>(std::max(byte, 0)), m_text.size());
}

Place LineIndex::place(int line, int byte) {
  const std::size_t start = offset(line, 0);
  const std::size_t end = offset(line, byte);
  const bool goes_on = line == m_last_line && start <= m_last_offset && m_last_offset <= end;
  const std::size_t from = goes_on ? m_last_offset : start;
  m_last_characters =
      (goes_on ? m_last_characters : 0) + characters(m_text.substr(from, end - from));
  m_last_line = line;
  m_last_offset = end;
  return {.line = line + 1, .column = m_last_characters + 1};
}

void check_text(std::string_view text, FaultList& faults) {
  if (text.starts_with("\x89HDF")) {
    faults.add({}, "this is an HDF5 file, not a deck; its deck is the text of /deck/effective");
    return;
  }
  if (text.starts_with("\xEF\xBB\xBF")) {
    faults.add({}, "the file starts with a byte order mark; save it as UTF-8 without one");
    return;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_end = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (is_control(text[i]) && text[i] != '\n' && text[i] != '\t' && !line_end) {
      faults.add(place_of_offset(text, i),
                 fmt::format("byte 0x{:02x} does not belong in a text; a deck is UTF-8 YAML",
                             static_cast<unsigned char>(text[i])));
      return;
    }
  }
  const std::size_t invalid = first_invalid_utf8(text);
  if (invalid != std::string_view::npos) {
    faults.add(place_of_offset(text, invalid),
               fmt::format("byte 0x{:02x} is not UTF-8; save the deck as UTF-8",
                           static_cast<unsigned char>(text[invalid])));
    return;
  }
  check_directives(text, faults);
  check_tabs(text, faults);
}

}  // namespace theria

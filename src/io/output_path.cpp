// SPDX-License-Identifier: Apache-2.0
#include "src/io/output_path.hpp"

#include <fmt/format.h>

#include <array>
#include <climits>
#include <filesystem>

#include "src/core/error.hpp"
#include "src/io/atomic_file.hpp"
#include "src/io/digits.hpp"
#include "src/io/result.hpp"

namespace theria {

namespace {

namespace fs = std::filesystem;

constexpr int most_numbers = 10000;
// The hidden name adds two dots, the process number and ".tmp".
constexpr std::size_t longest_name = NAME_MAX - 32;

// A link that leads nowhere is a name too, and publishing would replace it.
bool taken(const std::string& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw UserError(fmt::format("output {}: {}", path.empty() ? "\"\"" : path, why));
}

void check_folder(const std::string& path) {
  std::error_code ignored;
  const auto folder = folder_of(path);
  const auto type = fs::status(folder, ignored).type();
  if (type == fs::file_type::not_found) {
    refuse(path, fmt::format("the folder {} does not exist; make it first", folder));
  }
  if (type != fs::file_type::directory) refuse(path, fmt::format("{} is no folder", folder));
}

// Permissions, mounts and quotas all have their say only when something is written.
void try_to_write(const std::string& path) {
  constexpr std::array<std::byte, 4096> nothing{};
  AtomicFile(path).write(nothing);
}

std::string default_name(const std::string& deck_path, bool overwrite) {
  const auto stem = fs::path(deck_path).stem().string();
  const auto first = (stem.empty() || stem == "-" ? "theria" : stem) + ".h5";
  auto name = first;
  for (int number = 2; taken(name) && !overwrite; ++number) {
    if (number > most_numbers) refuse(first, "it and the numbered names after it all exist");
    name = numbered(first, number);
  }
  return name;
}

void refuse_same_file(const std::string& path, const std::string& input, const char* what) {
  std::error_code ignored;
  if (!input.empty() && fs::equivalent(path, input, ignored)) {
    refuse(path, fmt::format("is the {} itself; name another file", what));
  }
}

}  // namespace

void check_output_path(const std::string& path, bool overwrite) {
  std::error_code ignored;
  const auto name = fs::path(path).filename().string();
  const auto type = fs::status(path, ignored).type();
  if (name.empty() || type == fs::file_type::directory) refuse(path, "names a folder, not a file");
  if (name.size() > longest_name) {
    refuse(path, fmt::format("the name has {} characters; accepted: at most {}", name.size(),
                             longest_name));
  }
  check_folder(path);
  if (taken(path)) {
    if (type != fs::file_type::regular && type != fs::file_type::not_found) {
      refuse(path, "is no regular file");
    }
    if (!overwrite) refuse(path, "exists; name another file, remove it, or give --overwrite");
  }
  try_to_write(path);
}

std::string choose_output_path(const Deck& deck, const std::string& option,
                               const std::string& deck_path, bool overwrite) {
  auto path = option.empty() ? deck.output.file : option;
  if (path.empty()) path = default_name(deck_path, overwrite);
  refuse_same_file(path, deck_path, "deck");
  const bool own_digits = deck.task.kind == TaskKind::digits && deck.task.file.empty();
  refuse_same_file(path, own_digits ? find_data("digits.h5") : deck.task.file, "task file");
  refuse_same_file(path, deck.model.initial, "file of the initial parameters");
  check_output_path(path, overwrite);
  return path;
}

}  // namespace theria

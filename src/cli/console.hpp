// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace theria {

/// The log goes to standard output; a failure shows when it is flushed, at the end of the program.
void say(std::string_view line);

/// Warnings and errors go to standard error, so that neither hides the other in a batch log.
void warn(std::string_view line);

/// How standard output wants to be written to.
struct Terminal {
  bool interactive = false;  // a person watches: a line may be rewritten in place
  bool colour = false;       // and NO_COLOR is not set
  int width = 80;
};
Terminal standard_output();

/// "2026-01-31T09:30:00Z"
std::string utc_now();

/// "00:04:31"
std::string clock_words(double seconds);

/// "512 B", "3.2 MiB"
std::string byte_words(std::size_t bytes);

/// The words of a command line, quoted for a shell where they need it.
std::string shell_words(const std::vector<std::string>& words);

/// Lines of columns two spaces apart; a column is right-aligned where `alignment` has '>'.
std::string table(const std::vector<std::vector<std::string>>& rows, std::string_view alignment);

}  // namespace theria

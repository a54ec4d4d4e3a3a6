// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/driver/run.hpp"

namespace theria {

/// A finished run and how it came about.
struct ResultFile {
  RunOutcome outcome;
  std::string deck_raw;        // byte for byte
  std::string deck_effective;  // every default filled in; runs again
  std::string deck_path;       // as the user wrote it
  std::string overrides;       // the --set words, one a line
  std::string command_line;
  std::string time_start, time_end;  // UTC, ISO 8601
  double wall_seconds;
};

/// Writes the result file of docs/result_file.md, whole or not at all, and returns the name it got:
/// `path`, or without `overwrite` the next free `<stem>-<n>.h5` where another program has taken
/// `path` since choose_output_path, so that no finished run is lost. Throws OutputError.
std::string write_result(const ResultFile& result, const std::string& path, bool overwrite);

/// Where the result goes: `option` (--output) before `deck.output.file` before `<deck stem>.h5` in
/// the working folder. A file named by the user that exists is a UserError unless `overwrite`; the
/// default name moves on to the next free `<stem>-<n>.h5`. The folder is checked before any work
/// starts: it must exist (UserError) and take a file (OutputError).
std::string choose_output_path(const Deck& deck, const std::string& option,
                               const std::string& deck_path, bool overwrite);

/// A summary for a person: what ran, where, when, what came out. Of an HDF5 file that is no result
/// of a run (an episodes file, say) it lists the data sets. Throws UserError as hdf5::Reader does.
std::string describe_result(const std::string& path);

}  // namespace theria

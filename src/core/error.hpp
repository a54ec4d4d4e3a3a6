// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace theria {

/// The exit codes of the program; docs/contracts.md lists them for users.
enum class ExitCode : int { done = 0, run_failed = 1, usage = 2, output_failed = 3 };

/// What the user gave is wrong: an argument, a deck, a shape, an input file. Exit code 2.
struct UserError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The work itself failed: a task diverged, a device is missing, a contract was missed. Exit code 1.
struct RunError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The file system refused what we had to write. Exit code 3.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace theria

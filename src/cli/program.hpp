// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace theria {

/// The whole program; `words` starts with its name. Returns the exit code.
int program(const std::vector<std::string>& words);

/// Runs `work` and turns what it throws into a line on standard error and an exit code.
int with_errors_told(const std::function<int()>& work);

}  // namespace theria

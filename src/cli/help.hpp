// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// The words of `--help` around CLI11's list of options.
namespace theria::help {

extern const char* const kProgram;
extern const char* const kProgramEnd;
extern const char* const kRun;
extern const char* const kCheck;
extern const char* const kApply;
extern const char* const kInfo;
extern const char* const kSchema;

/// "theria 0.1.0 (git 0123456789ab, modified)"
std::string version();

}  // namespace theria::help

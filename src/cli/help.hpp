// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// The words of `--help` around CLI11's list of options.
namespace theria::help {

extern const char* const program;
extern const char* const program_end;
extern const char* const run;
extern const char* const check;
extern const char* const apply;
extern const char* const bench;
extern const char* const bench_sdpa;
extern const char* const bench_meta;
extern const char* const info;
extern const char* const schema;

/// "theria 0.1.0 (git 0123456789ab, modified)"
std::string version();

}  // namespace theria::help

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

namespace theria::test {

/// A file of the source tree: below $THERIA_SOURCE where a test binary has travelled to another
/// machine, else where it was built.
inline std::string source_path(const std::string& relative) {
  const char* const moved = std::getenv("THERIA_SOURCE");
  return std::string(moved != nullptr ? moved : THERIA_SOURCE_DIR) + "/" + relative;
}

}  // namespace theria::test

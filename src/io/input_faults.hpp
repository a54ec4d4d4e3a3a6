// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "src/core/error.hpp"

namespace theria {

/// Collects what is wrong with an input, so that a user sees all of it at once.
class InputFaults {
 public:
  void add(const std::string& file, const std::string& what) {
    m_lines.push_back(file + ": " + what);
  }

  /// Whether `check` ends without a UserError; one that it throws is kept.
  template <class Check>
  bool passes(const Check& check) {
    try {
      check();
      return true;
    } catch (const UserError& error) {
      m_lines.emplace_back(error.what());
      return false;
    }
  }

  /// Throws UserError with every fault, one a line.
  void throw_if_any() const {
    if (!m_lines.empty()) throw UserError(fmt::format("{}", fmt::join(m_lines, "\n")));
  }

 private:
  std::vector<std::string> m_lines;
};

}  // namespace theria

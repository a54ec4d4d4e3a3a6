// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/check/check.hpp"

namespace theria {

/// Gathers the worst error of every (operation, property, precision), in order of appearance.
class CheckTable {
 public:
  struct Line {
    std::string operation, property, precision;
  };

  /// One measured error beside its bar; the row keeps the one nearest to, or furthest above, its bar.
  void add(const Line& line, double error, double bar, const std::string& where);

  const std::vector<CheckRow>& rows() const { return m_rows; }

 private:
  std::vector<CheckRow> m_rows;
};

}  // namespace theria

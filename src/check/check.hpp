// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/deck/deck.hpp"

namespace theria {

/// One line of the contract table: a property of an operator, its worst error over all cases, its bar.
struct CheckRow {
  std::string operation;  // "sdpa.hvp"
  std::string property;   // "value against the reference"
  std::string precision;  // "float64"
  int cases;
  double worst;            // in the unit of the bar
  double bar;              // pass iff worst <= bar
  std::string worst_case;  // shape and masks of the worst case
  bool passed() const { return worst <= bar; }
};

/// Runs the contract table of docs/contracts.md on one backend; needs a Runtime.
std::vector<CheckRow> check(Backend backend);

}  // namespace theria

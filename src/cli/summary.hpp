// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/driver/run.hpp"

namespace theria {

/// The plan and its memory, for the head of a run and for `--dry-run`.
std::string plan_text(const Deck& deck, const RunPlan& plan);

/// What came out: accuracy and loss of the first and last evaluations, or the meta-gradient's
/// losses.
std::string summary_text(const RunOutcome& outcome);

}  // namespace theria

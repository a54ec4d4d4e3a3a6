// SPDX-License-Identifier: Apache-2.0
// What a run says when it can't go on: each throws RunError, naming the task or the step and what may help.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/deck/deck.hpp"
#include "src/meta/certificate.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Its query loss, or else its meta-gradient, is not finite.
[[noreturn]] void diverged(const Deck& deck, Split split, std::int64_t task, double loss);

/// No task of this outer step came out in finite numbers.
[[noreturn]] void all_diverged(const Deck& deck, int step);

/// For the first task, of those from `first` on and not `left_out`, whose implicit system was not solved.
void check_solved(const Deck& deck, std::int64_t first, const Certificate& certificate,
                  const std::vector<std::int32_t>& finite);

/// For a meta-gradient, or the parameters it led to, that can't be used any more.
template <class Scalar>
void check_finite(const std::vector<Scalar>& values, const std::string& what, const Deck& deck);

}  // namespace theria

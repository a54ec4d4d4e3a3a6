// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "src/deck/deck.hpp"

namespace theria {

/// How many of the K inner steps the sweep goes back over in an outer step (from 0): K is exact, 0 first order.
inline int swept_steps(const Deck& deck, int outer_step) {
  const int steps = deck.inner.steps;
  switch (deck.meta.mode) {
    case MetaMode::full:
      return steps;
    case MetaMode::truncated:
      return std::min(deck.meta.last, steps);
    case MetaMode::hybrid:
      return outer_step % deck.meta.every == 0 ? steps : 0;
    default:
      return 0;
  }
}

/// The most of any outer step, for which memory is kept.
inline int most_swept_steps(const Deck& deck) { return swept_steps(deck, 0); }

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/deck/deck.hpp"

namespace theria {

/// Which engine computes a resolved deck, and why. `kind` is never automatic.
struct EngineChoice {
  EngineKind kind;
  std::string reason;
};

/// The deck's own choice, or the episode engine where it can. Throws UserError where the deck asks for the
/// episode engine and it can't, with the reason.
EngineChoice choose_engine(const Deck& resolved);

}  // namespace theria

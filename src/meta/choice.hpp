// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/deck/deck.hpp"
#include "src/tasks/input_type.hpp"

namespace theria {

/// Which engine computes a resolved deck, and why. `kind` is never automatic.
struct EngineChoice {
  EngineKind kind;
  std::string reason;
};

/// The deck's own choice, or the episode engine where it can. Throws UserError where the deck asks for the
/// episode engine and it can't, with the reason.
EngineChoice choose_engine(const Deck& resolved);

/// What the inputs of a resolved deck's episodes are rounded to: the episode engine's to the deck's precision. In the
/// general engine that is the precision of attention, and they are what its other arithmetic is in.
InputType input_type(const Deck& resolved);

}  // namespace theria

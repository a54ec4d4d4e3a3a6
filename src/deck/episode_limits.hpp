// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/deck/deck.hpp"

namespace theria {

/// Why the episode engine can't compute a deck whose shapes are known, beginning with the key that stands
/// against it; empty where it can. A backend that is still automatic stands against nothing.
std::string episode_refusal(const Deck& deck);

/// The fault of a deck that asks for the episode engine and can't have it.
std::string impossible_engine(const std::string& refusal);

}  // namespace theria

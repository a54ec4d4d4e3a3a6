// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "src/deck/deck.hpp"
#include "src/meta/segments.hpp"

namespace theria {

/// Places for θ_k of one segment: those that its products need, and the last one's θ_K; one where nothing is swept.
int places(const Segments& segments);

/// Bytes of what is kept of the inner steps of `tasks` tasks of `size` parameters: places, the rule's own, and where
/// segments start.
template <class Scalar>
std::size_t kept_bytes(const Deck& deck, std::size_t size, int tasks, const Segments& segments);

/// The segments of the longest sweep, as long as `meta.store` lets them be. Throws UserError where no length fits its
/// budget.
template <class Scalar>
Segments segments_of(const Deck& deck, std::size_t size, int tasks);

}  // namespace theria

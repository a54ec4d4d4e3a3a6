// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace theria {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// ` (did you mean "inner.steps"?)` with the known word nearest to `word`, or nothing where none is
/// near. A key without its section ("steps") is near to that key in any section.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace theria

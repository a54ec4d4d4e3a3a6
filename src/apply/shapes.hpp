// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "src/apply/sdpa_call.hpp"
#include "src/io/input_faults.hpp"

namespace theria {

/// Extents of the axes b h i j d dv, as far as q, k and v give them.
using CallExtents = std::map<std::string_view, std::size_t>;

/// The extents that q, k and v give, with every input and key_lengths checked against them: rank 4,
/// b and h at least 1, d and dv 1 to 256; i and j may be 0. What does not fit is a fault and leaves
/// the call; lengths beyond the keys stay.
CallExtents check_shapes(SdpaCall& call, const std::string& file, InputFaults& faults);

}  // namespace theria

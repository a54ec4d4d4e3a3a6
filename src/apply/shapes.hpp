// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "src/apply/sdpa_call.hpp"

namespace theria {

/// Extents of the axes b h i j d dv of one call.
struct CallExtents {
  std::size_t b, h, i, j, d, dv;
};

/// The extents that q, k and v give, with every other input and key_lengths checked against them:
/// rank 4, b and h at least 1, d and dv 1 to 256; i and j may be 0. Throws UserError.
CallExtents check_shapes(const SdpaCall& call, const std::string& file);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Random123/philox.h>

#include <Kokkos_Core.hpp>
#include <cstdint>

namespace theria::random {

/// What a stream of random numbers is for; part of its key, so that streams never meet.
enum class Purpose : std::uint64_t {
  parameters = 1,
  prototypes = 2,
  positions = 3,
  labels = 4,
  noise = 5,
  digit_classes = 6,
  digit_images = 7,
  bench = 8,
  waves = 9,
  inputs = 10,
  weights = 11,
};

/// Counter-based numbers (Philox4x64-10, Salmon et al. 2011): a pure function of (seed, purpose,
/// task, part, element), so the same on every backend, in every order and batch.
struct Stream {
  std::uint64_t seed;
  Purpose purpose;
  std::uint64_t task;
  std::uint64_t part;  // which split or set of the task

  struct Block {
    std::uint64_t word[4];
  };

  /// The four words of block `element`.
  KOKKOS_INLINE_FUNCTION Block block(std::uint64_t element) const {
    const r123::Philox4x64::ctr_type counter{{task, part, element, 0}};
    const r123::Philox4x64::key_type key{{seed, static_cast<std::uint64_t>(purpose)}};
    const r123::Philox4x64::ctr_type words = r123::Philox4x64()(counter, key);
    return {{words[0], words[1], words[2], words[3]}};
  }
};

/// In (0, 1), from the upper 52 bits: (n + 1/2)·2⁻⁵², exact in double.
KOKKOS_INLINE_FUNCTION double uniform(std::uint64_t word) {
  return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
}

/// In {0, …, n − 1}; biased by less than n·2⁻³².
KOKKOS_INLINE_FUNCTION std::uint64_t below(std::uint64_t word, std::uint64_t n) {
  return (word >> 32) * n >> 32;
}

}  // namespace theria::random

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "src/deck/deck.hpp"
#include "src/io/digits.hpp"
#include "src/tasks/source.hpp"

namespace theria {

struct LabelledImage {
  std::size_t image;   // in the data file
  std::int32_t label;  // 0 … classes − 1 within the episode
};

struct DigitEpisode {
  std::vector<LabelledImage> support, query;  // balanced, no image in both
};

/// Which images make up an episode: `classes` digits of the split's, then for each of them
/// support/classes + query/classes different images.
class DigitEpisodes {
 public:
  /// Reads the deck's digits. Throws UserError when a digit has fewer images than an episode needs.
  explicit DigitEpisodes(const Deck& deck);

  DigitEpisode draw(Split split, std::uint64_t task) const;

  /// 64 pixels of 0 … 16, row-major.
  const std::uint8_t* pixels(std::size_t image) const { return &m_digits.images[64 * image]; }

 private:
  Deck m_deck;
  Digits m_digits;
  std::array<std::vector<std::size_t>, 10> m_images;  // of each digit
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "src/tasks/digit_episodes.hpp"
#include "src/tasks/source.hpp"
#include "src/tasks/upload.hpp"

namespace theria {

/// Few-shot classification of handwritten digits: an image is the sequence of its 8 rows behind a
/// class token. Token 0 is all ones; token 1 + r holds row r's eight pixels, scaled to [0, 1], and a
/// one in feature 8 + r, its position. Digits 0–5 are for training, 6–9 are held out.
template <class Space, class Scalar>
class DigitsSource : public EpisodeSource<Space, Scalar> {
 public:
  explicit DigitsSource(const Deck& deck) : m_episodes(deck) {}

  void fill(const Space&, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    HostBatch<Space, Scalar> support(batch.support), query(batch.query);
    for (int n = 0; n < batch.tasks(); ++n) {
      const DigitEpisode episode = m_episodes.draw(split, static_cast<std::uint64_t>(first + n));
      write(episode.support, n, support);
      write(episode.query, n, query);
    }
    support.upload(batch.support);
    query.upload(batch.query);
  }

 private:
  void write(const std::vector<LabelledImage>& images, int n,
             const HostBatch<Space, Scalar>& to) const {
    for (std::size_t s = 0; s < images.size(); ++s) {
      const std::uint8_t* const pixels = m_episodes.pixels(images[s].image);
      to.y(n, s) = images[s].label;
      for (int f = 0; f < 16; ++f) to.x(n, s, 0, f) = Scalar(1);
      for (int r = 0; r < 8; ++r)
        for (int f = 0; f < 8; ++f) {
          to.x(n, s, 1 + r, f) = Scalar(pixels[8 * r + f]) / Scalar(16);
          to.x(n, s, 1 + r, 8 + f) = Scalar(r == f ? 1 : 0);
        }
    }
  }

  DigitEpisodes m_episodes;
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/tasks/digit_episodes.hpp"

#include <numeric>
#include <string>
#include <utility>

#include "kernels/random/philox.hpp"

namespace theria {
namespace {

/// The first `wanted` of a random order of `from` (Fisher and Yates); block `offset` onwards of the
/// stream.
template <class T>
std::vector<T> choose(std::vector<T> from, std::size_t wanted, const random::Stream& stream,
                      std::uint64_t offset) {
  for (std::size_t n = 0; n < wanted; ++n) {
    const std::uint64_t word = stream.block(offset + n).word[0];
    std::swap(from[n], from[n + random::below(word, from.size() - n)]);
  }
  from.resize(wanted);
  return from;
}

}  // namespace

DigitEpisodes::DigitEpisodes(const Deck& deck) : m_deck(deck) {
  const std::string path = deck.task.file.empty() ? find_data("digits.h5") : deck.task.file;
  m_digits = read_digits(path);
  for (std::size_t n = 0; n < m_digits.labels.size(); ++n)
    m_images[m_digits.labels[n]].push_back(n);
  const auto needed =
      static_cast<std::size_t>((deck.task.support + deck.task.query) / deck.task.classes);
  for (int digit = 0; digit < 10; ++digit)
    if (m_images[digit].size() < needed)
      throw UserError(path + ": " + std::to_string(m_images[digit].size()) + " images of digit " +
                      std::to_string(digit) + ", but an episode takes " + std::to_string(needed) +
                      " different ones ((task.support + task.query) / task.classes)");
}

DigitEpisode DigitEpisodes::draw(Split split, std::uint64_t task) const {
  const auto part = static_cast<std::uint64_t>(split);
  const bool training = split == Split::training;
  std::vector<int> pool(training ? 6 : 4);
  std::iota(pool.begin(), pool.end(), training ? 0 : 6);
  const auto classes = static_cast<std::size_t>(m_deck.task.classes);
  const std::vector<int> digits =
      choose(pool, classes, {m_deck.seed, random::Purpose::digit_classes, task, part}, 0);

  const std::size_t support = m_deck.task.support / classes, query = m_deck.task.query / classes;
  const random::Stream stream{m_deck.seed, random::Purpose::digit_images, task, part};
  DigitEpisode episode;
  for (std::size_t c = 0; c < classes; ++c) {
    const auto images = choose(m_images[digits[c]], support + query, stream, c * (support + query));
    const auto label = static_cast<std::int32_t>(c);
    for (std::size_t s = 0; s < support + query; ++s)
      (s < support ? episode.support : episode.query).push_back({images[s], label});
  }
  return episode;
}

}  // namespace theria

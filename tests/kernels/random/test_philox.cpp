// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <set>

#include "kernels/random/philox.hpp"

namespace theria::random {

TEST_CASE("Philox4x64-10 gives its published words for a zero key and counter") {
  // kat_vectors of Random123 (Salmon et al. 2011): philox4x64 10, all zero.
  const Stream stream{.seed = 0, .purpose = Purpose{0}, .task = 0, .part = 0};
  const Stream::Block block = stream.block(0);
  CHECK(block.word[0] == 0x16554d9eca36314cULL);
  CHECK(block.word[1] == 0xdb20fe9d672d0fdcULL);
  CHECK(block.word[2] == 0xd7e772cee186176bULL);
  CHECK(block.word[3] == 0x7e68b68aec7ba23bULL);
}

TEST_CASE("every part of a stream's name makes another stream") {
  std::set<std::uint64_t> first_words;
  int streams = 0;
  for (const std::uint64_t seed : {0, 1, 2})
    for (const Purpose purpose : {Purpose::parameters, Purpose::labels, Purpose::noise})
      for (const std::uint64_t task : {0, 1, 1000000})
        for (const std::uint64_t part : {0, 1, 2, 3})
          for (const std::uint64_t element : {0, 1, 2}) {
            first_words.insert(Stream{seed, purpose, task, part}.block(element).word[0]);
            ++streams;
          }
  CHECK(first_words.size() == static_cast<std::size_t>(streams));
}

TEST_CASE("uniform lies strictly inside (0,1), symmetric about 1/2") {
  CHECK(uniform(0) == 0x1p-53);
  CHECK(uniform(~std::uint64_t{0}) == 1 - 0x1p-53);
  for (const std::uint64_t word : {0x0123456789abcdefULL, 0x8000000000000000ULL, 0xfffULL})
    CHECK(uniform(word) == 1 - uniform(~word));
}

TEST_CASE("below reaches every number and no other, evenly") {
  const Stream stream{.seed = 3, .purpose = Purpose::labels, .task = 0, .part = 0};
  for (const std::uint64_t n : {1, 2, 5, 63}) {
    std::vector<int> count(n);
    const int draws = 10000 * static_cast<int>(n);
    for (int d = 0; d < draws; ++d) {
      const std::uint64_t drawn = below(stream.block(static_cast<std::uint64_t>(d)).word[0], n);
      REQUIRE(drawn < n);
      ++count[drawn];
    }
    // Five standard deviations of a count of mean 10000.
    for (const int c : count) CHECK(std::abs(c - 10000) < 500);
  }
  CHECK(below(~std::uint64_t{0}, 7) == 6);
  CHECK(below(0, 7) == 0);
}

}  // namespace theria::random

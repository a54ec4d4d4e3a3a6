// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/tile/format.hpp"

namespace theria::test {

TEST_CASE("tile: a scale is a power of two that brings its number to 2^14 or more, below 2^15") {
  for (int exponent = -110; exponent <= 127; ++exponent)
    for (const float mantissa : {1.f, 1.5f, 0x1.fffffep0f}) {
      const float x = std::ldexp(mantissa, exponent), scale = tile::power_of_two_for(x);
      int e = 0;
      CHECK(std::frexp(scale, &e) == 0.5f);
      CHECK(scale * x >= 0x1p14f);
      CHECK(scale * x < 0x1p15f);
      CHECK(std::isnormal(1.f / scale));
    }
}

TEST_CASE("tile: what is too small for that gets a scale whose inverse is normal") {
  for (const float x : {0.f, std::numeric_limits<float>::denorm_min(), 0x1p-126f, 0x1p-112f}) {
    CHECK(std::isnormal(1.f / tile::power_of_two_for(x)));
    CHECK(tile::power_of_two_for(x) * x < 0x1p15f);
  }
}

TEST_CASE_TEMPLATE("tile: a packed tensor has room for whole tiles and one more", Element, float,
                   double, Narrow, Brain) {
  for (const int rows : {0, 1, 31, 32, 33, 64, 65, 1000}) {
    const tile::PackedSize<Element> size{3, rows, 64};
    CHECK(size.whole_rows() >= rows);
    CHECK(size.whole_rows() < rows + 64);
    CHECK(size.whole_rows() % (rows > 32 || is_narrow<Element> ? 64 : 32) == 0);
    CHECK(size.tiles() * 64 >= std::size_t(3) * size.whole_rows());
    using Format = tile::TensorCoreFormat<Element>;
    CHECK(size.numbers() >= std::size_t(3) * Format::planes * size.whole_rows() * 64 + 64 * 64);
  }
}

TEST_CASE_TEMPLATE("tile: every element has a place of its own, eight rows are one piece", Element,
                   float, double, Narrow, Brain) {
  using Format = tile::TensorCoreFormat<Element>;
  for (const int cols : {16, 32, 64}) {
    const int rows = 24;
    std::vector<int> taken(static_cast<std::size_t>(rows * Format::pitch(cols)));
    for (int row = 0; row < rows; ++row)
      for (int col = 0; col < cols; ++col) {
        const int place = Format::place(row, col, cols);
        REQUIRE(place >= 0);
        REQUIRE(place < rows * Format::pitch(cols));
        CHECK(taken[static_cast<std::size_t>(place)]++ == 0);
        CHECK(place == Format::place(row % 8, col, cols) + row / 8 * 8 * Format::pitch(cols));
        // What `wgmma` and `ldmatrix` read: 8x8 matrices of 128 bytes, a row 16 of them.
        if (Format::scaled) CHECK(place / 64 == row / 8 * (cols / 8) + col / 8);
        if (Format::scaled) CHECK(place % 64 == row % 8 * 8 + col % 8);
      }
  }
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "kernels/tile/host/product.hpp"

namespace theria::test {

TEST_CASE_TEMPLATE("tile: the host's product, against sums in order", Scalar, float, double) {
  constexpr int side = 64;
  std::vector<Scalar> a(side * side), b(side * side);
  for (int n = 0; n < side * side; ++n) {
    a[n] = Scalar(std::sin(0.7 * n));
    b[n] = Scalar(std::cos(0.3 * n));
  }
  const auto check = [&]<class Left>(const Left& left) {
    for (const tile::Extent e : {tile::Extent{64, 64, 64},
                                 {1, 64, 64},
                                 {15, 33, 7},
                                 {7, 1, 1},
                                 {64, 16, 33},
                                 {13, 17, 0},
                                 {0, 64, 3}}) {
      std::vector<Scalar> c(side * side, Scalar(1));
      tile::host::product<side, side>(c.data(), left, b.data(), e);
      for (int i = 0; i < side; ++i)
        for (int j = 0; j < side; ++j) {
          // Whole vectors are touched: what lies between is nobody's.
          if (i < e.m && j >= e.n && j < (e.n + 15) / 16 * 16) continue;
          Scalar sum = 1;
          if (i < e.m && j < e.n)
            for (int p = 0; p < e.k; ++p)
              sum = std::fma(left.data[i * Left::row + p * Left::column], b[p * side + j], sum);
          CHECK(c[i * side + j] == sum);  // one order, one rounding a term: no bit differs
        }
    }
  };
  check(tile::host::Strided<Scalar, side, 1>{a.data()});
  check(tile::host::Strided<Scalar, 1, side>{a.data()});
}

}  // namespace theria::test

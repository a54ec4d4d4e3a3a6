// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "kernels/core/for_each.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

template <class Space>
std::vector<double> add_places(const std::array<std::size_t, 3>& extents) {
  const DeviceTensor<Space, double, 3> tensor(
      extents, std::vector<double>(extents[0] * extents[1] * extents[2], 0));
  const auto y = tensor.out();
  for_each_element(
      "theria::test::for_each", Space{}, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        y(n, r, c) += 1 + static_cast<double>((n * y.extent[1] + r) * y.extent[2] + c);
      });
  return tensor.values();
}

TEST_CASE_TEMPLATE("for_each_element comes to every element once", Space, THERIA_TEST_SPACES) {
  // None; few and short rows; many long ones, which have a team each on a GPU; those that just miss it.
  for (const auto& extents : {std::array<std::size_t, 3>{0, 3, 4},
                              {2, 3, 5},
                              {1, 1, 4000},
                              {2, 600, 130},
                              {2, 511, 129},
                              {3, 400, 127}}) {
    CAPTURE(extents[1]);
    std::vector<double> expected(extents[0] * extents[1] * extents[2]);
    for (std::size_t e = 0; e < expected.size(); ++e) expected[e] = 1 + static_cast<double>(e);
    CHECK(add_places<Space>(extents) == expected);
  }
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
// The helpers that other tests stand on.
#include <doctest/doctest.h>

#include <limits>

#include "tests/support/allclose.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/host/golden.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/specials.hpp"
#include "tests/support/vectors.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {

TEST_CASE("allclose measures against the largest wanted value and names the worst") {
  CHECK(allclose({1, 2, 1000}, {1, 2.5, 1000}, 6e-4));
  const Verdict verdict = allclose({1, 2, 1000}, {1, 2.5, 1000}, 4e-4);
  CHECK_FALSE(verdict);
  CHECK(verdict.text ==
        "worst at [1]: 2, wanted 2.5; error 0.5 of size 1e+03, allowed 0.0004 of it");
  CHECK(allclose({1e-17}, {0}, 1e-15, 1));
  CHECK_FALSE(allclose({1e-17}, {0}, 1e-15));
}

TEST_CASE("allclose takes no NaN, no other infinity, and no other length") {
  CHECK(allclose({-infinity, 1}, {-infinity, 1}, 0));
  CHECK_FALSE(allclose({infinity, 1}, {-infinity, 1}, 1e9));
  CHECK_FALSE(allclose({1, nan}, {1, 2}, 1e9));
  CHECK_FALSE(allclose({1, 2}, {1, nan}, 1e9));
  CHECK_FALSE(allclose({nan}, {nan}, 1e9));
  CHECK_FALSE(allclose({infinity}, {1}, 1e9));
  CHECK(allclose({1}, {1, 1}, 1e9).text == "1 values, wanted 2");
}

TEST_CASE("same_bits tells zeros apart and not NaNs") {
  CHECK(same_bits<double>({nan, 1}, {nan, 1}));
  CHECK_FALSE(same_bits<double>({0.0}, {-0.0}));
  const double next = std::nextafter(1.0, 2.0);
  CHECK(same_bits<double>({2, next, 0}, {2, 1, 1}).text ==
        "2 of 3 values differ, first at [1]: 1.0000000000000002, wanted 1");
  CHECK_FALSE(same_bits<int>({1}, {1, 2}));
}

TEST_CASE("random vectors are exact in float, within bounds, and follow from the seed") {
  const Vector x = random_vector(1000, 7);
  CHECK(same_bits(x, random_vector(1000, 7)));
  CHECK_FALSE(same_bits(x, random_vector(1000, 8)));
  CHECK(largest_finite(x) <= 1);
  CHECK(largest_finite(x) > 0.9);
  double sum = 0;
  for (const double value : x) {
    CHECK(value == static_cast<double>(static_cast<float>(value)));
    sum += value;
  }
  CHECK(std::abs(sum) < 100);  // five standard deviations of 0.58·√1000
}

TEST_CASE("a central difference is exact for a square and a power of two") {
  const auto square = [](const Vector& x) { return Vector{x[0] * x[0] + 3 * x[1]}; };
  CHECK(central_difference(square, {3, 0.5}, {1, 2}, 0.25) == Vector{12});
}

TEST_CASE("the golden file reader finds groups, values, attributes") {
  const GoldenFile file("sdpa.h5");
  CHECK(file.groups().size() == 19);
  CHECK(file.groups().front() == "case_01");
  CHECK(file.groups("case_01") == std::vector<std::string>{"expected"});
  CHECK(file.data_sets("case_06").front() == "d_o");
  CHECK(file.has("case_06/key_lengths"));
  CHECK_FALSE(file.has("case_01/key_lengths"));
  CHECK(file.number("case_13", "scale") == 0.7);
  CHECK(file.text("case_01", "description") == "plain");
  CHECK(file.shape("case_01/q") == std::vector<std::size_t>{2, 2, 5, 3});
  CHECK(file.values("case_01/q").size() == 60);
  CHECK(file.integers("case_06/key_lengths").size() == 3);
}

TEST_CASE_TEMPLATE("a device tensor gives back what it took, and NaN where nothing was written",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  const Vector x = random_vector(24, 1);
  const DeviceTensor<Space, Scalar, 3> tensor({2, 3, 4}, x);
  CHECK(same_bits(tensor.values(), x));
  CHECK(tensor.in().stride[0] == 12);
  CHECK(tensor.in().extent[2] == 4);
  CHECK(tensor.shared_by(5).extent[0] == 5);
  CHECK(tensor.shared_by(5).stride[0] == 0);
  for (const double value : DeviceTensor<Space, Scalar, 1>({3}).values()) CHECK(std::isnan(value));
  CHECK(DeviceTensor<Space, std::int32_t, 1>({2}).values() == Vector{-1, -1});
}

template <class Space>
void launch_with_label(const ViewOn<double*, Space>& x) {
  Kokkos::parallel_for(
      "stranger", Kokkos::RangePolicy<Space>(0, x.extent(0)),
      KOKKOS_LAMBDA(std::int64_t n) { x(n) = 1; });
  Kokkos::fence("theria::test");
}

TEST_CASE_TEMPLATE("a watch hears launches and allocations while it lives", Space,
                   THERIA_TEST_SPACES) {
  {
    const Watch watch;
    {
      const ViewOn<double*, Space> x(
          Kokkos::view_alloc("theria::test::x", Kokkos::WithoutInitializing), 100);
      launch_with_label<Space>(x);
    }
    CHECK(watch.kernels() == std::vector<std::string>{"stranger"});
    CHECK_FALSE(is_known_kernel(watch.kernels().front()));
    CHECK(watch.memory().size() == 2);
    CHECK(watch.memory().front().label == "theria::test::x");
    CHECK(watch.memory().front().bytes == 800);
    CHECK(watch.memory().back().bytes == -800);
    CHECK(watch.peak([](const auto&) { return true; }) == 800);
    CHECK(watch.peak([](const auto& a) { return a.label == "other"; }) == 0);
  }
  const ViewOn<double*, Space> unheard("theria::test::unheard", 1);
  CHECK(is_known_kernel("theria::sdpa::forward"));
  CHECK_FALSE(is_known_kernel("Kokkos::View::initialization [stranger]"));
  CHECK(is_known_allocation({"Host", "theria::workspace", 8}));
  CHECK_FALSE(is_known_allocation({"Host", "", 8}));
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "kernels/random/normal.hpp"
#include "kernels/random/philox.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

struct Quantile {
  double u, x;
};

/// Quantiles of exactly these u, by Newton's method on erfc with 60 digits (mpmath 1.3): both
/// sides of every change of formula, and the smallest and largest u that `uniform` gives.
constexpr Quantile quantiles[] = {
    {0x1.0p-1, 0.0},
    {0x1.3333333333333p-4, -1.4395314709384559349},
    {0x1.33334e0b25cdfp-4, -1.4395307645017296865},
    {0x1.d99999999999ap-1, 1.4395314709384562291},
    {0x1.0p-2, -0.6744897501960817432},
    {0x1.999999999999ap-4, -1.2815515655446004353},
    {0x1.999999999999ap-2, -0.25334710313579974132},
    {0x1.0624dd2f1a9fcp-10, -3.0902323061678135354},
    {0x1.8d4fdf3b645a2p-6, -1.9729610513118848376},
    {0x1.f395810624dd3p-1, 1.9729610513118849594},
    {0x1.4f8b588e368f1p-17, -4.2648907939228246102},
    {0x1.ffffep-1, 4.763001034267813957},
    {0x1.0p-30, -6.0093535655307438932},
    {0x1.b7cdfd9d7bdbbp-34, -6.3613409024040561991},
    {0x1.e8a37a45fc32ep-37, -6.6579046435011035837},
    {0x1.e8a37a1fa31d1p-37, -6.6579046441888040706},
    {0x1.19799812dea11p-40, -7.0344838253011319326},
    {0x1.0p-50, -7.9560381254815309622},
    {0x1.0p-53, -8.2095361516013868556},
    {0x1.fffffffffffffp-1, 8.2095361516013868556},
    {0x1.56e1fc2f8f359p-997, -37.047096299361199237},
    {0x1.5555555555555p-2, -0.4307272992954575411},
    {0x1.ffffff543388fp-2, -2.5066282733116223143e-8},
    {0x1.0000000002p-1, 2.2797651350911114627e-12},
};

TEST_CASE("normal_quantile is within a few ulp of the quantile, tails included") {
  for (const auto& [u, x] : quantiles) {
    INFO("u = ", u);
    // Wichura claims about 1e-16; the portable logarithm and the roundings of two polynomials of
    // degree 7 add a few ulp.
    CHECK(std::abs(random::normal_quantile(u) - x) <= 2e-15 * std::abs(x));
  }
}

TEST_CASE("normal_quantile is antisymmetric to the bit") {
  for (const auto& [u, x] : quantiles)
    if (u >= 0x1p-53 && 1 - (1 - u) == u)
      CHECK(random::normal_quantile(1 - u) == -random::normal_quantile(u));
}

TEST_CASE("normal_quantile grows with u, over its changes of formula too") {
  for (const double join : {0.075, 0.925, 1.3887943864964021e-11, 0.5}) {
    double last = random::normal_quantile(join * (1 - 1e-9));
    for (int step = -99; step <= 100; ++step) {
      const double next = random::normal_quantile(join * (1 + step * 1e-11));
      // The two formulas may differ by an ulp or two where they meet.
      REQUIRE(next >= last - 4e-15 * std::abs(last));
      last = next;
    }
  }
}

TEST_CASE("portable_log agrees with the logarithm where quantiles take it") {
  for (double x = 0x1p-1000; x < 0.1; x *= 1.7)
    CHECK(std::abs(random::portable_log(x) - std::log(x)) <= 1e-15 * std::abs(std::log(x)));
  for (const double x : {0.5, 0.70710678, 1.0, 1.41421356, 2.0, 1e300})
    CHECK(std::abs(random::portable_log(x) - std::log(x)) <= 1e-15 * (1 + std::abs(std::log(x))));
}

/// x(n) = the n-th normal number of a stream, drawn on Space.
template <class Space>
std::vector<double> draw_normals(const random::Stream& stream, std::int64_t count) {
  const ViewOn<double*, Space> x("theria::test::normals", count);
  Kokkos::parallel_for(
      "theria::test::normals", Kokkos::RangePolicy<Space>(0, count), KOKKOS_LAMBDA(std::int64_t n) {
        x(n) = random::normal_quantile(random::uniform(stream.block(n / 4).word[n % 4]));
      });
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
  return std::vector<double>(host.data(), host.data() + count);
}

/// x(n) = normal_quantile at 2⁻ⁿ·u, down the tail.
template <class Space>
std::vector<double> walk_down_the_tail(std::int64_t count) {
  const ViewOn<double*, Space> x("theria::test::tail", count);
  Kokkos::parallel_for(
      "theria::test::tail", Kokkos::RangePolicy<Space>(0, count), KOKKOS_LAMBDA(std::int64_t n) {
        double u = 0.8125;
        for (std::int64_t step = 0; step < n; ++step) u *= 0.96875;
        x(n) = random::normal_quantile(u);
      });
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), x);
  return std::vector<double>(host.data(), host.data() + count);
}

TEST_CASE_TEMPLATE("a million draws have the moments of N(0,1)", Space, THERIA_TEST_SPACES) {
  const random::Stream stream{.seed = 11, .purpose = random::Purpose::noise, .task = 2, .part = 1};
  const std::vector<double> x = draw_normals<Space>(stream, 1000000);
  long double moment[5] = {};
  for (const double value : x) {
    long double power = 1;
    for (int m = 1; m <= 4; ++m) moment[m] += power *= value;
  }
  for (long double& m : moment) m /= 1e6L;
  // Five standard deviations of each sample moment: √(1, 2, 15, 96) / 1000.
  CHECK(std::abs(static_cast<double>(moment[1])) < 5e-3);
  CHECK(std::abs(static_cast<double>(moment[2]) - 1) < 7.1e-3);
  CHECK(std::abs(static_cast<double>(moment[3])) < 1.95e-2);
  CHECK(std::abs(static_cast<double>(moment[4]) - 3) < 4.9e-2);
}

TEST_CASE_TEMPLATE("host and device draw the same bits", Space, THERIA_TEST_SPACES) {
  const random::Stream stream{.seed = 5, .purpose = random::Purpose::noise, .task = 7, .part = 3};
  std::vector<double> host(100000);
  for (std::size_t n = 0; n < host.size(); ++n)
    host[n] = random::normal_quantile(random::uniform(stream.block(n / 4).word[n % 4]));
  CHECK(same_bits(draw_normals<Space>(stream, 100000), host));
  CHECK(same_bits(walk_down_the_tail<Space>(2000), walk_down_the_tail<OpenMP>(2000)));
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/tile/exponential.hpp"

namespace theria::test {

TEST_CASE_TEMPLATE("tile: e^x on the host, relative error below 2 epsilon", Scalar, float, double) {
  using Limits = std::numeric_limits<Scalar>;
  const long double least = std::log(static_cast<long double>(Limits::min())) + 1,
                    most = std::log(static_cast<long double>(Limits::max()));
  long double worst = 0;
  constexpr int count = 200000;
  for (int n = 0; n <= count; ++n) {
    const auto x = static_cast<Scalar>(least + (most - least) * n / count);
    const long double exact = std::exp(static_cast<long double>(x));
    if (exact > Limits::max()) continue;
    worst = std::max(worst, std::abs(tile::exponential<OpenMP>(x) - exact) / exact);
  }
  CHECK(worst < 2 * static_cast<long double>(Limits::epsilon()));
}

TEST_CASE_TEMPLATE("tile: e^x on the host at the ends", Scalar, float, double) {
  using Limits = std::numeric_limits<Scalar>;
  const auto exponential = [](Scalar x) { return tile::exponential<OpenMP>(x); };
  CHECK(exponential(0) == 1);
  CHECK(exponential(-Limits::infinity()) == 0);
  CHECK(exponential(Limits::lowest()) == 0);
  CHECK(exponential(Limits::infinity()) == Limits::infinity());
  CHECK(exponential(Limits::max()) == Limits::infinity());
  CHECK(std::isnan(exponential(Limits::quiet_NaN())));
  // Nothing is subnormal: vectors of subnormal numbers are slow.
  for (Scalar x = std::log(Limits::min()) - 2; x < std::log(Limits::min()) + 2; x += Scalar(0.01))
    CHECK((exponential(x) == 0 || exponential(x) >= Limits::min()));
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "kernels/core/dual.hpp"
#include "tests/support/allclose.hpp"

namespace theria::test {

/// A function of two numbers that goes through every rule of Dual.
template <class Number>
Number every_rule(Number x, Number y) {
  return exp(x * y) / (x + y) - log(ScalarOf<Number>(3) * y) * x;
}

/// ∂f/∂x and ∂f/∂y of every_rule, by hand.
inline double slope_x(double x, double y) {
  const double e = std::exp(x * y), s = x + y;
  return e * y / s - e / (s * s) - std::log(3 * y);
}
inline double slope_y(double x, double y) {
  const double e = std::exp(x * y), s = x + y;
  return e * x / s - e / (s * s) - x / y;
}

TEST_CASE("the tangent of a dual number is the derivative along it") {
  for (const auto& [x, y] : {std::pair{0.5, 0.25}, {1.5, 0.75}, {-0.3, 2.0}}) {
    const double x_dot = 0.7, y_dot = -1.3;
    const Dual<double> f = every_rule(Dual<double>{x, x_dot}, Dual<double>{y, y_dot});
    // A handful of roundings of numbers of size 1.
    CHECK(allclose({f.tangent}, {slope_x(x, y) * x_dot + slope_y(x, y) * y_dot}, 1e-14, 1));
    const Dual<float> g = every_rule(Dual<float>{static_cast<float>(x), static_cast<float>(x_dot)},
                                     Dual<float>{static_cast<float>(y), static_cast<float>(y_dot)});
    CHECK(allclose({g.tangent}, {f.tangent}, 2e-6, 1));
  }
}

TEST_CASE("the value of a dual number does not know of the tangent") {
  const double x = 0.7, y = 0.9;
  const double plain = every_rule(x, y);
  for (const double tangent : {0.0, 1.0, -1e30})
    CHECK(every_rule(Dual<double>{x, tangent}, Dual<double>{y, tangent}).value ==
          doctest::Approx(plain).epsilon(1e-15));
}

TEST_CASE("a zero tangent stays zero") {
  CHECK(every_rule(Dual<double>{0.7}, Dual<double>{0.9}).tangent == 0);
}

TEST_CASE("traits tell scalars from dual numbers") {
  CHECK(is_dual<Dual<float>>);
  CHECK_FALSE(is_dual<float>);
  CHECK(std::is_same_v<ScalarOf<Dual<float>>, float>);
  CHECK(std::is_same_v<ScalarOf<double>, double>);
  CHECK(value_of(Dual<double>{2, 3}) == 2);
  CHECK(value_of(2.5F) == 2.5F);
}

}  // namespace theria::test

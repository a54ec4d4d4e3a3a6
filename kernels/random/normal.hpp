// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <cstdint>

namespace theria::random {

/// c[0] + c[1] x + … by Horner's rule, each step one fma; written out, so that loops over x become vectors.
template <int n = 0, int N>
KOKKOS_INLINE_FUNCTION constexpr double polynomial(const double (&c)[N], double x) {
  if constexpr (n == N - 1) {
    return c[n];
  } else {
    return Kokkos::fma(polynomial<n + 1>(c, x), x, c[n]);
  }
}

/// log x for a normal positive double, by correctly rounded operations alone: the same bits on
/// every machine. With x = m·2ᵉ and s = (m − 1)/(m + 1): log m = 2 Σ s^(2k+1)/(2k+1), |s| < 0.172.
/// Error below 1e-15 relative for x < 0.1.
KOKKOS_INLINE_FUNCTION double portable_log(double x) {
  const std::uint64_t bits = Kokkos::bit_cast<std::uint64_t>(x);
  const double m = Kokkos::bit_cast<double>((bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
  const bool large = m > 1.4142135623730951;
  const double near_1 = large ? m * 0.5 : m;
  const int exponent = static_cast<int>(bits >> 52) - (large ? 1022 : 1023);
  const double s = (near_1 - 1.0) / (near_1 + 1.0);
  const double series[] = {2.0,        2.0 / 3.0,  2.0 / 5.0,  2.0 / 7.0,  2.0 / 9.0,  2.0 / 11.0,
                           2.0 / 13.0, 2.0 / 15.0, 2.0 / 17.0, 2.0 / 19.0, 2.0 / 21.0, 2.0 / 23.0};
  const double log_m = s * polynomial(series, s * s);
  return Kokkos::fma(static_cast<double>(exponent), 0.69314718055994530942, log_m);
}

// The quantile of N(0,1) at u in (0,1): Wichura's rational approximations (AS 241, PPND16; Applied
// Statistics 37, 1988), about 1e-15 relative, one for each part of the interval. Products and sums are
// explicit fma, and no libm is called, so that host and device give the same bits.

/// Where q = u − 1/2 is in the middle.
KOKKOS_INLINE_FUNCTION bool is_central(double q) { return Kokkos::abs(q) <= 0.425; }

KOKKOS_INLINE_FUNCTION double central_quantile(double q) {
  const double a[] = {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
                      1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
                      3.3430575583588128105e4, 2.5090809287301226727e3};
  const double b[] = {1.0,
                      4.2313330701600911252e1,
                      6.8718700749205790830e2,
                      5.3941960214247511077e3,
                      2.1213794301586595867e4,
                      3.9307895800092710610e4,
                      2.8729085735721942674e4,
                      5.2264952788528545610e3};
  const double r = Kokkos::fma(-q, q, 0.180625);
  return q * (polynomial(a, r) / polynomial(b, r));
}

/// √(−log of what lies beyond u on its side): how far out it is.
KOKKOS_INLINE_FUNCTION double tail_distance(double u) {
  const double tail = u < 0.5 ? u : 1.0 - u;
  return Kokkos::sqrt(-portable_log(tail));
}

/// Of u above 1/2, where its distance r is at most `near_tail`.
inline constexpr double near_tail = 5.0;
KOKKOS_INLINE_FUNCTION double near_quantile(double r) {
  const double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                      5.76949722146069140550e0,  3.64784832476320460504e0,
                      1.27045825245236838258e0,  2.41780725177450611770e-1,
                      2.27238449892691845833e-2, 7.74545014278341407640e-4};
  const double d[] = {1.0,
                      2.05319162663775882187e0,
                      1.67638483018380384940e0,
                      6.89767334985100004550e-1,
                      1.48103976427480074590e-1,
                      1.51986665636164571966e-2,
                      5.47593808499534494600e-4,
                      1.05075007164441684324e-9};
  return polynomial(c, r - 1.6) / polynomial(d, r - 1.6);
}

/// Beyond.
KOKKOS_INLINE_FUNCTION double far_quantile(double r) {
  const double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                      1.78482653991729133580e0,  2.96560571828504891230e-1,
                      2.65321895265761230930e-2, 1.24266094738807843860e-3,
                      2.71155556874348757815e-5, 2.01033439929228813265e-7};
  const double f[] = {1.0,
                      5.99832206555887937690e-1,
                      1.36929880922735805310e-1,
                      1.48753612908506148525e-2,
                      7.86869131145613259100e-4,
                      1.84631831751005468180e-5,
                      1.42151175831644588870e-7,
                      2.04426310338993978564e-15};
  return polynomial(e, r - 5.0) / polynomial(f, r - 5.0);
}

KOKKOS_INLINE_FUNCTION double normal_quantile(double u) {
  const double q = u - 0.5;
  if (is_central(q)) return central_quantile(q);
  const double r = tail_distance(u);
  const double x = r <= near_tail ? near_quantile(r) : far_quantile(r);
  return q < 0 ? -x : x;
}

}  // namespace theria::random

// SPDX-License-Identifier: Apache-2.0
// The algebra that episodes are written in, against sums one after the other.
#include <doctest/doctest.h>

#include "kernels/episode/host/algebra.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// Rows of whole vectors; what lies past `cols` in a row is nobody's.
template <class Scalar>
struct Rows {
  int rows, cols, ld;
  std::vector<Scalar> data;

  Rows(int r, int c, std::uint64_t seed, Scalar rest = 0)
      : rows(r), cols(c), ld((c + 15) / 16 * 16), data(std::size_t(r + 16) * ld, rest) {
    const Vector x = random_vector(std::size_t(r) * c, seed);
    for (int i = 0; i < r; ++i)
      for (int j = 0; j < c; ++j) at(i, j) = static_cast<Scalar>(x[std::size_t(i) * c + j]);
  }
  Scalar& at(int i, int j) { return data[std::size_t(i) * ld + j]; }
  episode::Matrix<Scalar> matrix() { return {data.data(), ld}; }
};

/// A sum of `terms` products of numbers of size 1.
template <class Scalar>
double rounding(int terms) {
  return (terms + 2) * (sizeof(Scalar) == 8 ? 0x1p-53 : 0x1p-24) * 8;
}

TEST_CASE_TEMPLATE("episode algebra: products, as they are and turned, written and added", Scalar,
                   float, double) {
  using On = episode::host::Algebra<Scalar>;
  for (const int m : {1, 2, 5, 8, 13, 16})
    for (const int n : {1, 16, 17, 40})
      for (const int k : {1, 7, 33}) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        Rows<Scalar> a(m, k, 1), a_turned(k, m, 2), b(k, n, 3), c(m, n, 4), old = c;
        for (const bool turn : {false, true})
          for (const auto write : {episode::Write::overwrite, episode::Write::accumulate}) {
            c = old;
            if (turn) {
              On::product(c.matrix(), write, Scalar(0.5), episode::turned(a_turned.matrix()),
                          episode::plain(b.matrix()), m, n, k);
            } else {
              On::product(c.matrix(), write, Scalar(0.5), episode::plain(a.matrix()),
                          episode::plain(b.matrix()), m, n, k);
            }
            for (int i = 0; i < m; ++i)
              for (int j = 0; j < n; ++j) {
                double sum = 0;
                for (int p = 0; p < k; ++p)
                  sum += double(turn ? a_turned.at(p, i) : a.at(i, p)) * double(b.at(p, j));
                const double wanted =
                    sum / 2 + (write == episode::Write::accumulate ? double(old.at(i, j)) : 0);
                REQUIRE(std::abs(double(c.at(i, j)) - wanted) <= rounding<Scalar>(k));
              }
          }
      }
}

TEST_CASE_TEMPLATE("episode algebra: the sum of two products", Scalar, float, double) {
  using On = episode::host::Algebra<Scalar>;
  const int m = 7, n = 33, k = 9;
  Rows<Scalar> a(m, k, 1), b(k, n, 2), other_a(m, k, 3), other_b(k, n, 4), c(m, n, 5), old = c;
  On::products(c.matrix(), episode::Write::accumulate, Scalar(0.5), episode::plain(a.matrix()),
               episode::plain(b.matrix()), episode::plain(other_a.matrix()),
               episode::plain(other_b.matrix()), m, n, k);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int p = 0; p < k; ++p)
        sum += double(a.at(i, p)) * double(b.at(p, j)) +
               double(other_a.at(i, p)) * double(other_b.at(p, j));
      REQUIRE(std::abs(double(c.at(i, j)) - double(old.at(i, j)) - sum / 2) <=
              rounding<Scalar>(2 * k));
    }
}

TEST_CASE_TEMPLATE("episode algebra: dots and mixes of any number of rows", Scalar, float, double) {
  using On = episode::host::Algebra<Scalar>;
  for (const int count : {1, 3, 8, 9, 16, 17, 31, 32, 50})
    for (const int n : {16, 48, 64, 128}) {
      CAPTURE(count);
      CAPTURE(n);
      Rows<Scalar> rows(count, n, 5), v(1, n, 6), out(1, 64, 7), mixed(1, n, 8);
      On::dots(out.data.data(), rows.matrix(), count, v.data.data(), n);
      for (int t = 0; t < count; ++t) {
        double sum = 0;
        for (int j = 0; j < n; ++j) sum += double(rows.at(t, j)) * double(v.at(0, j));
        REQUIRE(std::abs(double(out.at(0, t)) - sum) <= rounding<Scalar>(n));
      }
      Rows<Scalar> weight(1, count, 9);
      for (const auto write : {episode::Write::overwrite, episode::Write::accumulate}) {
        const double times = write == episode::Write::accumulate ? 2 : 1;
        On::mix(mixed.data.data(), write, weight.data.data(), rows.matrix(), count, n);
        for (int j = 0; j < n; ++j) {
          double sum = 0;
          for (int t = 0; t < count; ++t) sum += double(weight.at(0, t)) * double(rows.at(t, j));
          REQUIRE(std::abs(double(mixed.at(0, j)) - times * sum) <=
                  times * rounding<Scalar>(count));
        }
      }
    }
}

TEST_CASE_TEMPLATE("episode algebra: a transposition moves every number", Scalar, float, double) {
  using On = episode::host::Algebra<Scalar>;
  for (const int m : {16, 64})
    for (const int n : {16, 32, 128}) {
      Rows<Scalar> in(m, n, 10), out(n, m, 11);
      On::turn(out.matrix(), in.matrix(), m, n);
      for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j) REQUIRE(out.at(j, i) == in.at(i, j));
    }
}

}  // namespace theria::test

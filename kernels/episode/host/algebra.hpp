// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>

#include "kernels/episode/samples.hpp"
#include "kernels/tile/exponential.hpp"
#include "kernels/tile/host/lanes.hpp"

namespace theria::episode::host {

using tile::host::unaligned;

/// The left operand as a product reads it: element (r,p) at data[r·row + p·column].
template <class Scalar, bool turned>
struct Reader;
template <class Scalar>
struct Reader<Scalar, false> {
  static constexpr std::int64_t column = 1;
  const Scalar* data;
  std::int64_t row;
  Reader from_row(int r) const { return {data + r * row, row}; }
};
template <class Scalar>
struct Reader<Scalar, true> {
  static constexpr std::int64_t row = 1;
  const Scalar* data;
  std::int64_t column;
  Reader from_row(int r) const { return {data + r, column}; }
};

/// What a team does to matrices and rows. A team is one thread, in whose nearest caches a task lives.
/// Rows of numbers end with whole vectors: what is written past their last number is nobody's.
template <class Scalar>
struct Algebra {
  using Vector = tile::host::Vector<Scalar>;
  using Lanes = tile::host::Lanes<Scalar>;
  using Native = typename Lanes::Native;
  static constexpr int width = Lanes::width;
  /// Samples whose stages take turns, so that the latencies of one hide behind the others, and whose
  /// tokens stay in the first cache from stage to stage. Measured: 2 and 8 were no faster.
  static constexpr int samples_at_once = 4;
  using One = Algebra;
  static constexpr bool copies_record = false;

  static void arrive() {}
  /// A row of the desk, of which is known where it is.
  template <class T>
  static T* at(T* p) {
    return p;
  }

  static Vector load(const Scalar* from) {
    Vector v;
    v.copy_from(from, unaligned);
    return v;
  }
  static Vector load(const BFloat16* from) {
    Scalar wide[width];
    for (int i = 0; i < width; ++i) wide[i] = from[i];
    return load(wide);
  }

  /// C = alpha A B, or C += alpha A B; C (m,n), A (m,k), B (k,n). Whole vectors of C's rows are written.
  template <bool turned_>
  static void product(Matrix<Scalar> c, Write write, Scalar alpha, Operand<Scalar, turned_> a,
                      Operand<Scalar, false> b, int m, int n, int k) {
    const Reader<Scalar, turned_> left{a.data, a.ld};
    tile::host::for_each_block<Scalar>(m, n, [&]<int Rows, int Vectors>(int r, int v) {
      tile::host::Block<Scalar, Rows, Vectors> block;
      block.clear();
      block.add_product(left.from_row(r), b.data + v, b.ld, k);
      block.scale_and_store(c.row(r) + v, c.ld, write == Write::accumulate, Vector(alpha));
    });
  }

  /// C = alpha (A B + A' B'), or added to C.
  template <bool turned_>
  static void products(Matrix<Scalar> c, Write write, Scalar alpha, Operand<Scalar, turned_> a,
                       Operand<Scalar, false> b, Operand<Scalar, turned_> other_a,
                       Operand<Scalar, false> other_b, int m, int n, int k) {
    const Reader<Scalar, turned_> left{a.data, a.ld}, other{other_a.data, other_a.ld};
    tile::host::for_each_block<Scalar>(m, n, [&]<int Rows, int Vectors>(int r, int v) {
      tile::host::Block<Scalar, Rows, Vectors> block;
      block.clear();
      block.add_product(left.from_row(r), b.data + v, b.ld, k);
      block.add_product(other.from_row(r), other_b.data + v, other_b.ld, k);
      block.scale_and_store(c.row(r) + v, c.ld, write == Write::accumulate, Vector(alpha));
    });
  }

  /// in as the right operand inᵀ of a product, of which turn() made the copy `turned`.
  static Operand<Scalar, false> turned(Matrix<const Scalar> copy, Matrix<const Scalar>) {
    return plain(copy);
  }
  /// out (n,m) = inᵀ, both padded to whole vectors of rows and columns.
  static void turn(Matrix<Scalar> out, Matrix<const Scalar> in, int m, int n) {
    for (int i = 0; i < m; i += width)
      for (int j = 0; j < n; j += width) {
        Native row[width];
        for (int r = 0; r < width; ++r) row[r] = std::bit_cast<Native>(load(in.row(i + r) + j));
        Lanes::transpose(row);
        for (int r = 0; r < width; ++r)
          std::bit_cast<Vector>(row[r]).copy_to(out.row(j + r) + i, unaligned);
      }
  }

  /// out[t] = rows_t · v for t < count; rows and v of n numbers, whole vectors of them.
  template <class Row>
  static void dots(Scalar* out, Matrix<Row> rows, int count, const Scalar* v, int n) {
    int t = 0;
    for (; count - t >= width; t += width) dots_of<width, true>(out + t, rows, t, count, v, n);
    if (count - t > width / 2) {
      dots_of<width, false>(out + t, rows, t, count, v, n);
    } else if (count - t > 0) {
      dots_of<(width > 1 ? width / 2 : 1), false>(out + t, rows, t, count, v, n);
    }
  }

  /// out (n) = Σ_t weight[t] rows_t over t < count, or added to it.
  template <class Row>
  static void mix(Scalar* out, Write write, const Scalar* weight, Matrix<Row> rows, int count,
                  int n) {
    int j = 0;
    for (; n - j >= 4 * width; j += 4 * width) mix_of<4>(out + j, write, weight, rows, j, count);
    for (; n - j >= 2 * width; j += 2 * width) mix_of<2>(out + j, write, weight, rows, j, count);
    for (; n > j; j += width) mix_of<1>(out + j, write, weight, rows, j, count);
  }

  /// f(i) for i < count, in any order.
  template <class Function>
  static void for_each(int count, const Function& f) {
#pragma omp simd
    for (int i = 0; i < count; ++i) f(i);
  }

  template <class Function>
  static void for_each_place(int rows, int cols, const Function& f) {
    for (int i = 0; i < rows; ++i) for_each(cols, [&](int j) { f(i, j); });
  }
  template <class Function>
  static void once(const Function& f) {
    f();
  }

  template <class Function>
  static Scalar sum(int count, const Function& f) {
    Scalar total = 0;
#pragma omp simd reduction(+ : total)
    for (int i = 0; i < count; ++i) total += f(i);
    return total;
  }

  template <class Function>
  static Scalar max(int count, const Function& f) {
    Scalar top = f(0);
#pragma omp simd reduction(max : top)
    for (int i = 1; i < count; ++i) top = f(i) > top ? f(i) : top;
    return top;
  }

  static void copy(Matrix<Scalar> to, Matrix<const Scalar> from, int rows, int cols) {
    for_each_place(rows, cols, [&](int i, int j) { to.row(i)[j] = from.row(i)[j]; });
  }
  /// out (cols) += factor · Σ_i in_i, one after the other.
  static void add_rows(Scalar* out, Scalar factor, Matrix<const Scalar> in, int rows, int cols) {
    for_each_place(rows, cols, [&](int i, int j) { out[j] += factor * in.row(i)[j]; });
  }

  static Scalar exponential(Scalar x) { return tile::host::exponential(x); }

  /// X_b, which all that is done to a sample reads.
  template <class Input>
  struct Sequence {
    Matrix<const Input> x;
    int tokens, features;

    /// out[t] = x_t · v
    void dots(Scalar* out, const Scalar* v) const { Algebra::dots(out, x, tokens, v, features); }
    /// out (F) = Σ_t weight[t] x_t
    void mix(Scalar* out, const Scalar* weight) const {
      Algebra::mix(out, Write::overwrite, weight, x, tokens, features);
    }
  };

  /// Calls stages(each) for groups of samples; each(f) calls f(b, X_b) for the samples of the group.
  template <class Input, class Stages>
  static void for_each_sample(const Samples<Scalar, Input>& set, const Stages& stages) {
    for (int first = 0; first < set.count; first += samples_at_once)
      stages([&](const auto& f) {
        for (int b = first; b < std::min(first + samples_at_once, set.count); ++b)
          f(b, Sequence<Input>{set.sequence(b), set.tokens, set.features});
      });
  }

 private:
  /// `Count` dots from row t on; past the last row the last is taken again, for nobody.
  template <int Count, bool whole, class Row>
  static void dots_of(Scalar* out, Matrix<Row> rows, int t, int count, const Scalar* v, int n) {
    using tile::host::unrolled;
    Native sum[width];
    unrolled<width>([&]<int i>() THERIA_INLINE { sum[i] = Native{}; });
    for (int j = 0; j < n; j += width) {
      const Vector right = load(v + j);
      const Row* row = rows.row(t) + j;
      unrolled<Count>([&]<int i>() THERIA_INLINE {
        // Written out: a compiler makes it of * and + here, and there not.
        sum[i] =
            std::bit_cast<Native>(Kokkos::fma(load(row), right, std::bit_cast<Vector>(sum[i])));
        row += whole || t + i + 1 < count ? rows.ld : 0;
      });
    }
    Lanes::sum_rows(sum);
    std::bit_cast<Vector>(sum[0]).copy_to(out, unaligned);
  }

  /// Two chains of sums for each of `Vectors` vectors of columns.
  template <int Vectors, class Row>
  static void mix_of(Scalar* out, Write write, const Scalar* weight, Matrix<Row> rows, int j,
                     int count) {
    using tile::host::unrolled;
    Vector even[Vectors], odd[Vectors];
    unrolled<Vectors>([&]<int v>() THERIA_INLINE { even[v] = odd[v] = Vector(Scalar(0)); });
    const auto add = [&](Vector* sum, int t) THERIA_INLINE {
      const Vector w(weight[t]);
      unrolled<Vectors>([&]<int v>() THERIA_INLINE {
        sum[v] = Kokkos::fma(w, load(rows.row(t) + j + v * width), sum[v]);
      });
    };
    int t = 0;
    for (; t + 1 < count; t += 2) {
      add(even, t);
      add(odd, t + 1);
    }
    if (t < count) add(even, t);
    unrolled<Vectors>([&]<int v>() THERIA_INLINE {
      const Vector sum = even[v] + odd[v];
      Scalar* const at = out + v * width;
      (write == Write::accumulate ? load(at) + sum : sum).copy_to(at, unaligned);
    });
  }
};

}  // namespace theria::episode::host

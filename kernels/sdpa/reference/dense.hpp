// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/sdpa/field.hpp"
#include "kernels/sdpa/problem.hpp"

namespace theria::sdpa::reference {

/// x y + z, rounded once as the products of BLAS are; long double has digits enough.
template <class Scalar>
Scalar fused(Scalar x, Scalar y, Scalar z) {
  if constexpr (sizeof(Scalar) > sizeof(double)) {
    return x * y + z;
  } else {
    return std::fma(x, y, z);
  }
}

/// A dense (rows, cols) matrix of zeros.
template <class Scalar>
struct Dense {
  int rows, cols;
  std::vector<Scalar> data;

  Dense(int r, int c) : rows(r), cols(c), data(static_cast<std::size_t>(r) * c, Scalar(0)) {}
  Scalar& operator()(int i, int j) { return data[static_cast<std::size_t>(i) * cols + j]; }
  Scalar operator()(int i, int j) const { return data[static_cast<std::size_t>(i) * cols + j]; }
};

/// One (b, h): which pairs see each other, P and lse. Everything else follows from these.
template <class Scalar>
struct Attention {
  Problem<Scalar> size;
  int b, h;
  Dense<Scalar> p;          // (i,j), zero where masked
  std::vector<bool> seen;   // (i,j)
  std::vector<Scalar> lse;  // (i), −∞ where no key is seen

  Attention(const Options& options, const Inputs<Scalar>& in, int batch, int head)
      : size(problem_of(options, in)),
        b(batch),
        h(head),
        p(size.tq, size.tk),
        seen(static_cast<std::size_t>(size.tq) * size.tk),
        lse(size.tq, -std::numeric_limits<Scalar>::infinity()) {
    const auto bias = broadcast(in.bias);
    const Visibility visible = size.visibility(b);
    for (int i = 0; i < size.tq; ++i) {
      Scalar maximum = -std::numeric_limits<Scalar>::infinity();
      for (int j = 0; j < visible.limit(i); ++j) {
        Scalar s = 0;
        for (int d = 0; d < size.d; ++d) s = fused<Scalar>(in.q(b, h, i, d), in.k(b, h, j, d), s);
        s = fused<Scalar>(size.scale, s, bias ? bias(b, h, i, j) : Scalar(0));
        seen[static_cast<std::size_t>(i) * size.tk + j] = std::isfinite(s);
        p(i, j) = s;
        maximum = std::max(maximum, s);
      }
      Scalar sum = 0;
      for (int j = 0; j < size.tk; ++j) {
        p(i, j) = sees(i, j) ? std::exp(p(i, j) - maximum) : Scalar(0);
        sum += p(i, j);
      }
      if (sum == Scalar(0)) continue;
      for (int j = 0; j < size.tk; ++j) p(i, j) /= sum;
      lse[i] = maximum + std::log(sum);
    }
  }

  bool sees(int i, int j) const { return seen[static_cast<std::size_t>(i) * size.tk + j]; }
};

/// Calls f(attention) for every (b, h), in order.
template <class Scalar, class Function>
void for_each_head(const Options& options, const Inputs<Scalar>& in, const Function& f) {
  const Problem<Scalar> size = problem_of(options, in);
  for (int b = 0; b < size.b; ++b)
    for (int h = 0; h < size.h; ++h) f(Attention<Scalar>(options, in, b, h));
}

/// x(b,h,i,d), zero where the tensor is not given.
template <class Scalar>
Scalar at(const Array<const Scalar, 4>& x, int b, int h, int i, int d) {
  return x ? x(b, h, i, d) : Scalar(0);
}

}  // namespace theria::sdpa::reference

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/reference/dense.hpp"

namespace theria::sdpa::reference {

/// Sets a tensor to zero; one that is not given stays so.
template <class Scalar>
void clear(const Array<Scalar, 4>& x) {
  for (int b = 0; x && b < x.extent[0]; ++b)
    for (int h = 0; h < x.extent[1]; ++h)
      for (int i = 0; i < x.extent[2]; ++i)
        for (int d = 0; d < x.extent[3]; ++d) x(b, h, i, d) = 0;
}

template <class Scalar>
void clear(const Cotangents<Scalar>& d) {
  clear(d.q);
  clear(d.k);
  clear(d.v);
  clear(d.bias);
}

template <class Scalar>
void add(const Array<Scalar, 4>& x, int b, int h, int i, int d, Scalar y) {
  if (x) x(b, h, i, d) += y;
}

/// dP and dS of one (b, h):  dP = dO Vᵀ   δ = Σ_j P∘dP (= rowsum(dO∘O))   dS = P∘(dP − δ)
template <class Scalar>
struct Cotangent {
  Dense<Scalar> d_p, d_s;     // (i,j)
  std::vector<Scalar> delta;  // (i)

  Cotangent(const Attention<Scalar>& a, const Inputs<Scalar>& in, const Array<const Scalar, 4>& d_o)
      : d_p(a.size.tq, a.size.tk), d_s(a.size.tq, a.size.tk), delta(a.size.tq, Scalar(0)) {
    for (int i = 0; i < a.size.tq; ++i) {
      for (int j = 0; j < a.size.tk; ++j) {
        if (!a.sees(i, j)) continue;
        for (int d = 0; d < a.size.dv; ++d)
          d_p(i, j) = fused<Scalar>(at(d_o, a.b, a.h, i, d), in.v(a.b, a.h, j, d), d_p(i, j));
        delta[i] = fused<Scalar>(a.p(i, j), d_p(i, j), delta[i]);
      }
      for (int j = 0; j < a.size.tk; ++j)
        if (a.sees(i, j)) d_s(i, j) = a.p(i, j) * (d_p(i, j) - delta[i]);
    }
  }
};

/// The VJP, which computes P for itself: `saved` is not read.
///     dV = Pᵀ dO   dQ = scale·dS K   dK = scale·dSᵀ Q   dbias = dS
template <class Scalar>
void vjp(const Options& options, const VjpArguments<Scalar>& args) {
  clear(args.d);
  const auto d_bias = broadcast(args.d.bias);
  for_each_head(options, args.in, [&](const Attention<Scalar>& a) {
    const Cotangent<Scalar> c(a, args.in, args.d_o);
    for (int i = 0; i < a.size.tq; ++i)
      for (int j = 0; j < a.size.tk; ++j) {
        if (!a.sees(i, j)) continue;
        const Scalar d_s = a.size.scale * c.d_s(i, j);
        for (int d = 0; d < a.size.dv; ++d)
          add(args.d.v, a.b, a.h, j, d, a.p(i, j) * args.d_o(a.b, a.h, i, d));
        for (int d = 0; d < a.size.d; ++d) {
          add(args.d.q, a.b, a.h, i, d, d_s * args.in.k(a.b, a.h, j, d));
          add(args.d.k, a.b, a.h, j, d, d_s * args.in.q(a.b, a.h, i, d));
        }
        add(d_bias, a.b, a.h, i, j, c.d_s(i, j));
      }
  });
}

}  // namespace theria::sdpa::reference

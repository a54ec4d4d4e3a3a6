// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/reference/forward.hpp"

namespace theria::sdpa::reference {

/// Ṗ and μ of one (b, h):  Ṡ = scale·(Q̇Kᵀ + QK̇ᵀ) + ḃias   μ = rowsum(P∘Ṡ)   Ṗ = P∘(Ṡ − μ)
template <class Scalar>
struct Tangent {
  Dense<Scalar> p_dot;          // (i,j)
  std::vector<Scalar> lse_dot;  // (i)

  Tangent(const Attention<Scalar>& a, const Inputs<Scalar>& in, const Tangents<Scalar>& dot)
      : p_dot(a.size.tq, a.size.tk), lse_dot(a.size.tq, Scalar(0)) {
    const auto bias_dot = broadcast(dot.bias);
    for (int i = 0; i < a.size.tq; ++i) {
      for (int j = 0; j < a.size.tk; ++j) {
        if (!a.sees(i, j)) continue;
        Scalar s_dot = 0;
        for (int d = 0; d < a.size.d; ++d)
          s_dot =
              fused<Scalar>(at(dot.q, a.b, a.h, i, d), in.k(a.b, a.h, j, d),
                            fused<Scalar>(in.q(a.b, a.h, i, d), at(dot.k, a.b, a.h, j, d), s_dot));
        s_dot = fused<Scalar>(a.size.scale, s_dot, at(bias_dot, a.b, a.h, i, j));
        p_dot(i, j) = s_dot;
        lse_dot[i] = fused<Scalar>(a.p(i, j), s_dot, lse_dot[i]);
      }
      for (int j = 0; j < a.size.tk; ++j)
        if (a.sees(i, j)) p_dot(i, j) = a.p(i, j) * (p_dot(i, j) - lse_dot[i]);
    }
  }
};

/// The JVP: forward's (1) and (2), differentiated.
///     (2) Ȯ = Ṗ V + P V̇   lsė = μ
template <class Scalar>
void jvp(const Options& options, const JvpArguments<Scalar>& args) {
  forward(options, ForwardArguments<Scalar>{args.in, args.out});
  for_each_head(options, args.in, [&](const Attention<Scalar>& a) {
    const Tangent<Scalar> t(a, args.in, args.dot);
    for (int i = 0; i < a.size.tq; ++i) {
      for (int d = 0; d < a.size.dv; ++d) {
        Scalar sum = 0;
        for (int j = 0; j < a.size.tk; ++j)
          if (a.sees(i, j))
            sum = fused<Scalar>(t.p_dot(i, j), args.in.v(a.b, a.h, j, d),
                                fused<Scalar>(a.p(i, j), at(args.dot.v, a.b, a.h, j, d), sum));
        args.out_dot.o(a.b, a.h, i, d) = sum;
      }
      if (args.out_dot.lse) args.out_dot.lse(a.b, a.h, i) = t.lse_dot[i];
    }
  });
}

}  // namespace theria::sdpa::reference

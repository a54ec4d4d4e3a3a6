// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/reference/jvp.hpp"
#include "kernels/sdpa/reference/vjp.hpp"

namespace theria::sdpa::reference {

/// The VJP and its tangent: vjp's statements, each followed by its derivative.
///     dṖ = dȮ Vᵀ + dO V̇ᵀ   δ̇ = Σ_j Ṗ∘dP + P∘dṖ   dṠ = Ṗ∘(dP − δ) + P∘(dṖ − δ̇)
///     dV̇ = Ṗᵀ dO + Pᵀ dȮ   dQ̇ = scale·(dṠ K + dS K̇)   dK̇ = scale·(dṠᵀ Q + dSᵀ Q̇)   dḃias = dṠ
template <class Scalar>
void hvp(const Options& options, const HvpArguments<Scalar>& args) {
  vjp(options, VjpArguments<Scalar>{.in = args.in, .saved = {}, .d_o = args.d_o, .d = args.d});
  clear(args.d_dot);
  const auto d_bias_dot = broadcast(args.d_dot.bias);
  for_each_head(options, args.in, [&](const Attention<Scalar>& a) {
    const Tangent<Scalar> t(a, args.in, args.dot);
    const Cotangent<Scalar> c(a, args.in, args.d_o);
    const int b = a.b, h = a.h;
    for (int i = 0; i < a.size.tq; ++i) {
      std::vector<Scalar> d_p_dot(a.size.tk, Scalar(0));
      Scalar delta_dot = 0;
      for (int j = 0; j < a.size.tk; ++j) {
        if (!a.sees(i, j)) continue;
        for (int d = 0; d < a.size.dv; ++d)
          d_p_dot[j] = fused<Scalar>(
              at(args.d_o_dot, b, h, i, d), args.in.v(b, h, j, d),
              fused<Scalar>(args.d_o(b, h, i, d), at(args.dot.v, b, h, j, d), d_p_dot[j]));
        delta_dot = fused<Scalar>(t.p_dot(i, j), c.d_p(i, j),
                                  fused<Scalar>(a.p(i, j), d_p_dot[j], delta_dot));
      }
      for (int j = 0; j < a.size.tk; ++j) {
        if (!a.sees(i, j)) continue;
        const Scalar p = a.p(i, j), p_dot = t.p_dot(i, j);
        const Scalar d_s_dot = p_dot * (c.d_p(i, j) - c.delta[i]) + p * (d_p_dot[j] - delta_dot);
        const Scalar scaled = a.size.scale * c.d_s(i, j), scaled_dot = a.size.scale * d_s_dot;
        for (int d = 0; d < a.size.dv; ++d)
          add(args.d_dot.v, b, h, j, d,
              p_dot * args.d_o(b, h, i, d) + p * at(args.d_o_dot, b, h, i, d));
        for (int d = 0; d < a.size.d; ++d) {
          add(args.d_dot.q, b, h, i, d,
              scaled_dot * args.in.k(b, h, j, d) + scaled * at(args.dot.k, b, h, j, d));
          add(args.d_dot.k, b, h, j, d,
              scaled_dot * args.in.q(b, h, i, d) + scaled * at(args.dot.q, b, h, i, d));
        }
        add(d_bias_dot, b, h, i, j, d_s_dot);
      }
    }
  });
}

}  // namespace theria::sdpa::reference

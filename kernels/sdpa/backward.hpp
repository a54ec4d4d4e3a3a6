// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/bias_owner.hpp"
#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/head_owner.hpp"
#include "kernels/sdpa/key_owner.hpp"
#include "kernels/sdpa/query_owner.hpp"

namespace theria::sdpa {

/// The results of a backward pass; an empty one is not computed.
template <class Number>
struct BackwardResults {
  Result<Number> d_q, d_k, d_v, d_bias;
  int bias_b, bias_h;
};

inline bool wanted(const Field<float, float>& f) { return bool(f.value); }
inline bool wanted(const Field<double, double>& f) { return bool(f.value); }
template <class Scalar>
bool wanted(const Field<Dual<Scalar>, Scalar>& f) {
  return f.value || f.tangent;
}

/// Whether the host gives a whole head to one team. It depends on the shape alone, not on the number of
/// threads nor on which results are wanted, so that neither do the bits.
inline bool has_whole_heads(std::int64_t heads, int tk, int rows) {
  return heads >= 16 || tk <= rows;
}

/// The launches of a backward pass: every sum has one writer and a fixed order. `prefix` is the
/// operator's label.
template <int Depth, class Space, class Number>
void backward(const std::string& prefix, const Space& space,
              const BackwardOperands<Space, Number>& in, const BackwardResults<Number>& out) {
  const bool queries = wanted(out.d_q), keys = wanted(out.d_k) || wanted(out.d_v);
  bool whole_heads = false;
  if constexpr (tile::Machine<Space>::threads == 1) {
    using Owner = HeadOwner<Space, Number, Depth>;
    const auto& p = in.problem;
    whole_heads = has_whole_heads(std::int64_t(p.b) * p.h, p.tk, Owner::rows);
    if (whole_heads && (queries || keys))
      tile::launch(prefix + "::head_owner", space,
                   Owner{.in = in, .d_q = out.d_q, .d_k = out.d_k, .d_v = out.d_v});
  }
  if (!whole_heads && queries)
    tile::launch(prefix + "::query_owner", space,
                 QueryOwner<Space, Number, Depth>{.in = in, .d_q = out.d_q});
  if (!whole_heads && keys)
    tile::launch(prefix + "::key_owner", space,
                 KeyOwner<Space, Number, Depth>{.in = in, .d_k = out.d_k, .d_v = out.d_v});
  if (wanted(out.d_bias))
    tile::launch(prefix + "::bias_owner", space,
                 BiasOwner<Space, Number, Depth>{
                     .in = in, .d_bias = out.d_bias, .bias_b = out.bias_b, .bias_h = out.bias_h});
}

}  // namespace theria::sdpa

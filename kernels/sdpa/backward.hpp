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
template <class Stored>
struct BackwardResults {
  Result<Stored> d_q, d_k, d_v, d_bias;
  int bias_b, bias_h;
};

template <class Element>
bool wanted(const Field<Element, Element>& f) {
  return bool(f.value);
}
template <class Element>
bool wanted(const Field<Dual<Element>, Element>& f) {
  return f.value || f.tangent;
}

/// The launches of a backward pass: every sum has one writer and a fixed order. `prefix` is the
/// operator's label.
template <int Depth, class Space, class Stored>
void backward(const std::string& prefix, const Space& space,
              const BackwardOperands<Space, Stored>& in, const BackwardResults<Stored>& out) {
  const bool queries = wanted(out.d_q), keys = wanted(out.d_k) || wanted(out.d_v);
  const bool whole_heads = takes_whole_heads<Space, ElementOf<Stored>>(
      std::int64_t(in.problem.b) * in.problem.h, in.problem.tk);
  if constexpr (may_take_whole_heads<Space, ElementOf<Stored>>)
    if (whole_heads && (queries || keys))
      tile::launch(prefix + "::head_owner", space,
                   HeadOwner<Space, Stored, Depth>{
                       .in = in, .d_q = out.d_q, .d_k = out.d_k, .d_v = out.d_v});
  if (!whole_heads && queries)
    tile::launch(prefix + "::query_owner", space,
                 QueryOwner<Space, Stored, Depth>{.in = in, .d_q = out.d_q});
  if (!whole_heads && keys)
    tile::launch(prefix + "::key_owner", space,
                 KeyOwner<Space, Stored, Depth>{.in = in, .d_k = out.d_k, .d_v = out.d_v});
  if (wanted(out.d_bias))
    tile::launch(prefix + "::bias_owner", space,
                 BiasOwner<Space, Stored, Depth>{
                     .in = in, .d_bias = out.d_bias, .bias_b = out.bias_b, .bias_h = out.bias_h});
}

}  // namespace theria::sdpa

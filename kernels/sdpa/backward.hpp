// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/bias_owner.hpp"
#include "kernels/sdpa/both_owners.hpp"
#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/head_owner.hpp"

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
  using Both = BothOwners<Space, Stored, Depth>;
  const typename Both::Queries of_queries{.in = in, .d_q = out.d_q};
  const typename Both::Keys of_keys{.in = in, .d_k = out.d_k, .d_v = out.d_v};
  if constexpr (Both::possible) {
    tile::launch(
        prefix + "::owners", space,
        Both{.keys = of_keys,
             .queries = of_queries,
             .teams_of_keys = keys ? tile::countable(prefix, of_keys.league()) : 0,
             .teams_of_queries = queries ? tile::countable(prefix, of_queries.league()) : 0});
  } else if (!whole_heads) {
    if (queries) tile::launch(prefix + "::query_owner", space, of_queries);
    if (keys) tile::launch(prefix + "::key_owner", space, of_keys);
  }
  if (wanted(out.d_bias))
    tile::launch(prefix + "::bias_owner", space,
                 BiasOwner<Space, Stored, Depth>{
                     .in = in, .d_bias = out.d_bias, .bias_b = out.bias_b, .bias_h = out.bias_h});
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear_attention/hvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear_attention/moments.hpp"

namespace theria::linear_attention {

template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args, Workspace<Space>& workspace) {
  const auto &in = args.in, &dot = args.dot;
  const auto &d = args.d, &d_dot = args.d_dot;
  Moments<Space, Scalar> moments(space, in, workspace, 4);
  const auto m = moments.of(in.k, in.v), m_dot = moments.tangent(in.k, dot.k, in.v, dot.v);
  const auto d_m = moments.of(in.q, args.d_o);
  const auto d_m_dot = moments.tangent(in.q, dot.q, args.d_o, args.d_o_dot);
  product<Form::nt, Space, Scalar>("theria::linear_attention::hvp", space, args.d_o, m, d.q);
  product<Form::nt, Space, Scalar>("theria::linear_attention::hvp", space, in.v, d_m, d.k);
  product<Form::nn, Space, Scalar>("theria::linear_attention::hvp", space, in.k, d_m, d.v);
  product<Form::nt, Space, Scalar>("theria::linear_attention::hvp", space, args.d_o_dot, m,
                                   d_dot.q);
  product<Form::nt, Space, Scalar>("theria::linear_attention::hvp", space, args.d_o, m_dot, d_dot.q,
                                   Write::accumulate);
  product<Form::nt, Space, Scalar>("theria::linear_attention::hvp", space, dot.v, d_m, d_dot.k);
  product<Form::nt, Space, Scalar>("theria::linear_attention::hvp", space, in.v, d_m_dot, d_dot.k,
                                   Write::accumulate);
  product<Form::nn, Space, Scalar>("theria::linear_attention::hvp", space, dot.k, d_m, d_dot.v);
  product<Form::nn, Space, Scalar>("theria::linear_attention::hvp", space, in.k, d_m_dot, d_dot.v,
                                   Write::accumulate);
}

#define THERIA_INSTANTIATE(SPACE)                                                 \
  template void hvp(const SPACE&, const HvpArguments<float>&, Workspace<SPACE>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear_attention

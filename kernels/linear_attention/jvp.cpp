// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear_attention/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear_attention/moments.hpp"

namespace theria::linear_attention {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args, Workspace<Space>& workspace) {
  const auto &in = args.in, &dot = args.dot;
  Moments<Space, Scalar> moments(space, in, workspace, 2);
  const auto m = moments.of(in.k, in.v), m_dot = moments.tangent(in.k, dot.k, in.v, dot.v);
  product<Form::nn, Space, Scalar>("theria::linear_attention::jvp", space, in.q, m, args.o);
  product<Form::nn, Space, Scalar>("theria::linear_attention::jvp", space, dot.q, m, args.o_dot);
  product<Form::nn, Space, Scalar>("theria::linear_attention::jvp", space, in.q, m_dot, args.o_dot,
                                   Write::accumulate);
}

#define THERIA_INSTANTIATE(SPACE)                                                 \
  template void jvp(const SPACE&, const JvpArguments<float>&, Workspace<SPACE>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear_attention

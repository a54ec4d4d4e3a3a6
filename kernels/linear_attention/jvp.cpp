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
  product<Form::nn, Space, Scalar>("theria::linear_attention::jvp", space, args.o, {in.q, m});
  product<Form::nn, Space, Scalar>("theria::linear_attention::jvp", space, args.o_dot, {dot.q, m},
                                   {in.q, m_dot});
}

#define THERIA_INSTANTIATE(SPACE)                                                 \
  template void jvp(const SPACE&, const JvpArguments<float>&, Workspace<SPACE>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear_attention

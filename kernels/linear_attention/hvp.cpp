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
  const std::string label = "theria::linear_attention::hvp";
  product<Form::nt, Space, Scalar>(label, space, d.q, {args.d_o, m});
  product<Form::nt, Space, Scalar>(label, space, d.k, {in.v, d_m});
  product<Form::nn, Space, Scalar>(label, space, d.v, {in.k, d_m});
  product<Form::nt, Space, Scalar>(label, space, d_dot.q, {args.d_o_dot, m}, {args.d_o, m_dot});
  product<Form::nt, Space, Scalar>(label, space, d_dot.k, {dot.v, d_m}, {in.v, d_m_dot});
  product<Form::nn, Space, Scalar>(label, space, d_dot.v, {dot.k, d_m}, {in.k, d_m_dot});
}

#define THERIA_INSTANTIATE(SPACE)                                                 \
  template void hvp(const SPACE&, const HvpArguments<float>&, Workspace<SPACE>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear_attention

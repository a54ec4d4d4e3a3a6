// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear_attention/vjp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear_attention/moments.hpp"

namespace theria::linear_attention {

template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args, Workspace<Space>& workspace) {
  const auto& in = args.in;
  Moments<Space, Scalar> moments(space, in, workspace, 2);
  const auto m = moments.of(in.k, in.v), d_m = moments.of(in.q, args.d_o);
  product<Form::nt, Space, Scalar>("theria::linear_attention::vjp", space, args.d.q, {args.d_o, m});
  product<Form::nt, Space, Scalar>("theria::linear_attention::vjp", space, args.d.k, {in.v, d_m});
  product<Form::nn, Space, Scalar>("theria::linear_attention::vjp", space, args.d.v, {in.k, d_m});
}

#define THERIA_INSTANTIATE(SPACE)                                                 \
  template void vjp(const SPACE&, const VjpArguments<float>&, Workspace<SPACE>&); \
  template void vjp(const SPACE&, const VjpArguments<double>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear_attention

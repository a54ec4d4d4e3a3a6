// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear_attention/forward.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear_attention/moments.hpp"

namespace theria::linear_attention {

template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args,
             Workspace<Space>& workspace) {
  Moments<Space, Scalar> moments(space, args.in, workspace, 1);
  const auto m = moments.of(args.in.k, args.in.v);
  product<Form::nn, Space, Scalar>("theria::linear_attention::forward", space, args.o,
                                   {args.in.q, m});
}

#define THERIA_INSTANTIATE(SPACE)                                                         \
  template void forward(const SPACE&, const ForwardArguments<float>&, Workspace<SPACE>&); \
  template void forward(const SPACE&, const ForwardArguments<double>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear_attention

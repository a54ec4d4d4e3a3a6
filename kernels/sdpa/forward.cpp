// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/forward.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/forward_kernel.hpp"

namespace theria::sdpa {

template <class Space, class Scalar>
void forward(const Space& space, const Options& options, const ForwardArguments<Scalar>& args) {
  require(options, args);
  const Problem<Scalar> problem = problem_of(options, args.in);
  with_depth(problem.d, problem.dv, [&]<int Depth>() {
    const ForwardKernel<Space, Scalar, Depth> kernel{.problem = problem,
                                                     .q = {args.in.q},
                                                     .k = {args.in.k},
                                                     .v = {args.in.v},
                                                     .bias = {broadcast(args.in.bias)},
                                                     .o = {args.out.o},
                                                     .lse = {args.out.lse}};
    tile::launch("theria::sdpa::forward", space, kernel);
  });
}

#define THERIA_INSTANTIATE(SPACE)                                                      \
  template void forward(const SPACE&, const Options&, const ForwardArguments<float>&); \
  template void forward(const SPACE&, const Options&, const ForwardArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::sdpa

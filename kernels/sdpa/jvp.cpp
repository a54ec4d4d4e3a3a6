// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/dispatch.hpp"
#include "kernels/sdpa/forward_kernel.hpp"

namespace theria::sdpa {

template <class Space, class Scalar>
void jvp(const Space& space, const Options& options, const JvpArguments<Scalar>& args) {
  require(options, args);
  const Problem<Scalar> problem = problem_of(options, args.in);
  with_depth(problem.d, problem.dv, [&]<int Depth>() {
    const ForwardKernel<Space, Dual<Scalar>, Depth> kernel{
        .problem = problem,
        .q = {args.in.q, args.dot.q},
        .k = {args.in.k, args.dot.k},
        .v = {args.in.v, args.dot.v},
        .bias = {broadcast(args.in.bias), broadcast(args.dot.bias)},
        .o = {args.out.o, args.out_dot.o},
        .lse = {args.out.lse, args.out_dot.lse}};
    tile::launch("theria::sdpa::jvp", space, kernel);
  });
}

#define THERIA_INSTANTIATE(SPACE)                                              \
  template void jvp(const SPACE&, const Options&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const Options&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::sdpa

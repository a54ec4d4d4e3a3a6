// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/forward.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/forward_impl.hpp"

namespace theria::sdpa {

template <class Space, class Element>
void forward(const Space& space, const Options& options, const ForwardArguments<Element>& args,
             Workspace<Space>& workspace) {
  require(options, args);
  launch_forward<Element, Space>("theria::sdpa::forward", space, problem_of(options, args.in),
                                 {args.in.q}, {args.in.k}, {args.in.v}, {broadcast(args.in.bias)},
                                 {args.out.o}, {args.out.lse}, workspace);
}

#define THERIA_INSTANTIATE(SPACE)                                                      \
  template void forward(const SPACE&, const Options&, const ForwardArguments<float>&,  \
                        Workspace<SPACE>&);                                            \
  template void forward(const SPACE&, const Options&, const ForwardArguments<double>&, \
                        Workspace<SPACE>&);                                            \
  template void forward(const SPACE&, const Options&, const ForwardArguments<Narrow>&, \
                        Workspace<SPACE>&);                                            \
  template void forward(const SPACE&, const Options&, const ForwardArguments<Brain>&,  \
                        Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::sdpa

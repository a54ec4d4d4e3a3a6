// SPDX-License-Identifier: Apache-2.0
#include "kernels/sdpa/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/forward_impl.hpp"

namespace theria::sdpa {

template <class Space, class Element>
void jvp(const Space& space, const Options& options, const JvpArguments<Element>& args,
         Workspace<Space>& workspace) {
  require(options, args);
  const auto& [in, dot, out, out_dot] = args;
  launch_forward<Dual<Element>, Space>("theria::sdpa::jvp", space, problem_of(options, in),
                                       {in.q, dot.q}, {in.k, dot.k}, {in.v, dot.v},
                                       {broadcast(in.bias), broadcast(dot.bias)},
                                       {out.o, out_dot.o}, {out.lse, out_dot.lse}, workspace);
}

#define THERIA_INSTANTIATE(SPACE)                                                                  \
  template void jvp(const SPACE&, const Options&, const JvpArguments<float>&, Workspace<SPACE>&);  \
  template void jvp(const SPACE&, const Options&, const JvpArguments<double>&, Workspace<SPACE>&); \
  template void jvp(const SPACE&, const Options&, const JvpArguments<Narrow>&, Workspace<SPACE>&); \
  template void jvp(const SPACE&, const Options&, const JvpArguments<Brain>&, Workspace<SPACE>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::sdpa

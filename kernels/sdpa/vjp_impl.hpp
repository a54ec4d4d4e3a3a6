// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/vjp.hpp"

namespace theria::sdpa {

template <class Space, class Scalar>
void vjp(const Space& space, const Options& options, const VjpArguments<Scalar>& args,
         Workspace<Space>& workspace) {
  require(options, args);
  const Problem<Scalar> problem = problem_of(options, args.in);
  const std::size_t rows = std::size_t(problem.b) * problem.h * problem.tq;
  workspace.rewind();
  workspace.reserve(workspace.template bytes_for<Scalar>(rows));
  Scalar* const delta = workspace.template take<Scalar>(rows);

  // The kernels take row fields as writable arrays; `saved` is only read through this one.
  Array<Scalar, 3> lse;
  lse.data = const_cast<Scalar*>(args.saved.lse.data);
  lse.extent = args.saved.lse.extent;
  lse.stride = args.saved.lse.stride;

  const BackwardOperands<Scalar> in{
      .problem = problem,
      .q = {args.in.q},
      .k = {args.in.k},
      .v = {args.in.v},
      .bias = {broadcast(args.in.bias)},
      .d_o = {args.d_o},
      .lse = {lse},
      .delta = {dense_array(delta, problem.b, problem.h, problem.tq)}};
  backward<Space, Scalar>("theria::sdpa::vjp", space, in, {args.saved.o},
                          {.d_q = {args.d.q},
                           .d_k = {args.d.k},
                           .d_v = {args.d.v},
                           .d_bias = {args.d.bias},
                           .bias_b = static_cast<int>(args.in.bias.extent[0]),
                           .bias_h = static_cast<int>(args.in.bias.extent[1])});
}

}  // namespace theria::sdpa

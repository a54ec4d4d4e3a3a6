// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/hvp.hpp"
#include "kernels/sdpa/jvp.hpp"
#include "kernels/sdpa/jvp_vjp.hpp"

namespace theria::sdpa {

/// The HVP without its contract: jvp_vjp shares it under its own.
template <class Space, class Scalar>
void second_order(const std::string& prefix, const Space& space, const Options& options,
                  const HvpArguments<Scalar>& args, Workspace<Space>& workspace) {
  const Problem<Scalar> problem = problem_of(options, args.in);
  const std::size_t rows = std::size_t(problem.b) * problem.h * problem.tq;
  const std::size_t outputs = rows * problem.dv;
  workspace.rewind();
  workspace.reserve(2 * workspace.template bytes_for<Scalar>(outputs) +
                    4 * workspace.template bytes_for<Scalar>(rows));
  const auto output = [&] {
    return dense_array(workspace.template take<Scalar>(outputs), problem.b, problem.h, problem.tq,
                       problem.dv);
  };
  const auto row = [&] {
    return dense_array(workspace.template take<Scalar>(rows), problem.b, problem.h, problem.tq);
  };
  const Output<Scalar> out{.o = output(), .lse = row()};
  const Output<Scalar> out_dot{.o = output(), .lse = row()};
  jvp(space, options,
      JvpArguments<Scalar>{.in = args.in, .dot = args.dot, .out = out, .out_dot = out_dot});

  using Number = Dual<Scalar>;
  const BackwardOperands<Number> in{.problem = problem,
                                    .q = {args.in.q, args.dot.q},
                                    .k = {args.in.k, args.dot.k},
                                    .v = {args.in.v, args.dot.v},
                                    .bias = {broadcast(args.in.bias), broadcast(args.dot.bias)},
                                    .d_o = {args.d_o, args.d_o_dot},
                                    .lse = {out.lse, out_dot.lse},
                                    .delta = {row(), row()}};
  backward<Space, Number>(prefix, space, in, {out.o, out_dot.o},
                          {.d_q = {args.d.q, args.d_dot.q},
                           .d_k = {args.d.k, args.d_dot.k},
                           .d_v = {args.d.v, args.d_dot.v},
                           .d_bias = {args.d.bias, args.d_dot.bias},
                           .bias_b = static_cast<int>(args.in.bias.extent[0]),
                           .bias_h = static_cast<int>(args.in.bias.extent[1])});
}

template <class Space, class Scalar>
void hvp(const Space& space, const Options& options, const HvpArguments<Scalar>& args,
         Workspace<Space>& workspace) {
  require(options, args);
  second_order("theria::sdpa::hvp", space, options, args, workspace);
}

template <class Space, class Scalar>
void jvp_vjp(const Space& space, const Options& options, const JvpVjpArguments<Scalar>& args,
             Workspace<Space>& workspace) {
  require(options, args);
  second_order("theria::sdpa::jvp_vjp", space, options,
               HvpArguments<Scalar>{.in = args.in,
                                    .d_o = args.d_o_dot,
                                    .dot = args.dot,
                                    .d_o_dot = args.d_o,
                                    .d = args.d_dot,
                                    .d_dot = args.d},
               workspace);
}

}  // namespace theria::sdpa

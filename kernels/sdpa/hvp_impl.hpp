// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/dual_statistics_kernel.hpp"
#include "kernels/sdpa/hvp.hpp"
#include "kernels/sdpa/jvp_vjp.hpp"
#include "kernels/sdpa/operands.hpp"

namespace theria::sdpa {

/// The HVP without its contract: jvp_vjp shares it under its own. First the statistics of every row, then the
/// backward pass on dual numbers.
template <class Space, class Element>
void second_order(const std::string& prefix, const Space& space, const Options& options,
                  const HvpArguments<Element>& args, Workspace<Space>& workspace) {
  using Stored = Dual<Element>;
  using Row = RowStatistics<ArithmeticOf<Stored>>;
  const Problem<ScalarOf<Element>> problem = problem_of(options, args.in);
  const std::size_t rows = std::size_t(problem.b) * problem.h * problem.tq;
  const Operand<Stored> q{args.in.q, args.dot.q}, k{args.in.k, args.dot.k},
      v{args.in.v, args.dot.v}, d_o{args.d_o, args.d_o_dot};
  workspace.rewind();
  workspace.reserve(packed_bytes<Space>(problem, q, tile::Axis::queries) +
                    packed_bytes<Space>(problem, k, tile::Axis::keys) +
                    packed_bytes<Space>(problem, v, tile::Axis::keys) +
                    packed_bytes<Space>(problem, d_o, tile::Axis::queries) +
                    workspace.template bytes_for<Row>(rows));

  Packer<Space, Element> packer(workspace, problem, problem.b, problem.h,
                                padded_depth(problem.d, problem.dv));
  const BackwardOperands<Space, Stored> in{
      .problem = problem,
      .q = pack<Stored, Space>(packer, problem, q, tile::Axis::queries),
      .k = pack<Stored, Space>(packer, problem, k, tile::Axis::keys),
      .v = pack<Stored, Space>(packer, problem, v, tile::Axis::keys),
      .d_o = pack<Stored, Space>(packer, problem, d_o, tile::Axis::queries),
      .bias = {broadcast(args.in.bias), broadcast(args.dot.bias)},
      .statistics = {workspace.template take<Row>(rows), problem.h, problem.tq}};
  with_depth<Space>(problem.d, problem.dv, [&]<int Depth>() {
    packer.template run<Depth>(prefix + "::pack", space);
    tile::launch(prefix + "::statistics", space,
                 DualStatisticsKernel<Space, Stored, Depth>{.in = in});
    backward<Depth, Space, Stored>(prefix, space, in,
                                   {.d_q = {args.d.q, args.d_dot.q},
                                    .d_k = {args.d.k, args.d_dot.k},
                                    .d_v = {args.d.v, args.d_dot.v},
                                    .d_bias = {args.d.bias, args.d_dot.bias},
                                    .bias_b = static_cast<int>(args.in.bias.extent[0]),
                                    .bias_h = static_cast<int>(args.in.bias.extent[1])});
  });
}

template <class Space, class Element>
void hvp(const Space& space, const Options& options, const HvpArguments<Element>& args,
         Workspace<Space>& workspace) {
  require(options, args);
  second_order("theria::sdpa::hvp", space, options, args, workspace);
}

template <class Space, class Element>
void jvp_vjp(const Space& space, const Options& options, const JvpVjpArguments<Element>& args,
             Workspace<Space>& workspace) {
  require(options, args);
  second_order("theria::sdpa::jvp_vjp", space, options,
               HvpArguments<Element>{.in = args.in,
                                     .d_o = args.d_o_dot,
                                     .dot = args.dot,
                                     .d_o_dot = args.d_o,
                                     .d = args.d_dot,
                                     .d_dot = args.d},
               workspace);
}

}  // namespace theria::sdpa

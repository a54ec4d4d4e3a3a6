// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/backward.hpp"
#include "kernels/sdpa/contract.hpp"
#include "kernels/sdpa/operands.hpp"
#include "kernels/sdpa/statistics_kernel.hpp"
#include "kernels/sdpa/vjp.hpp"

namespace theria::sdpa {

template <class Space, class Element>
void vjp(const Space& space, const Options& options, const VjpArguments<Element>& args,
         Workspace<Space>& workspace) {
  require(options, args);
  using Scalar = ScalarOf<Element>;
  const Problem<Scalar> problem = problem_of(options, args.in);
  using Row = RowStatistics<Scalar>;
  const std::size_t rows = std::size_t(problem.b) * problem.h * problem.tq;
  const Operand<Element> q{args.in.q}, k{args.in.k}, v{args.in.v}, d_o{args.d_o};
  workspace.rewind();
  workspace.reserve(packed_bytes<Space>(problem, q, tile::Axis::queries) +
                    packed_bytes<Space>(problem, k, tile::Axis::keys) +
                    packed_bytes<Space>(problem, v, tile::Axis::keys) +
                    packed_bytes<Space>(problem, d_o, tile::Axis::queries) +
                    workspace.template bytes_for<Row>(rows));
  const StatisticsField<Scalar> statistics{workspace.template take<Row>(rows), problem.h,
                                           problem.tq};
  Packer<Space, Element> packer(workspace, problem, problem.b, problem.h,
                                padded_depth(problem.d, problem.dv));
  const BackwardOperands<Space, Element> in{
      .problem = problem,
      .q = pack<Element, Space>(packer, problem, q, tile::Axis::queries),
      .k = pack<Element, Space>(packer, problem, k, tile::Axis::keys),
      .v = pack<Element, Space>(packer, problem, v, tile::Axis::keys),
      .d_o = pack<Element, Space>(packer, problem, d_o, tile::Axis::queries),
      .bias = {broadcast(args.in.bias)},
      .statistics = statistics};
  with_depth<Space>(problem.d, problem.dv, [&]<int Depth>() {
    packer.template run<Depth>("theria::sdpa::vjp::pack", space);
    StatisticsKernel<Space, Element>{.problem = problem,
                                     .d_o = args.d_o,
                                     .o = args.saved.o,
                                     .lse = args.saved.lse,
                                     .statistics = statistics}
        .run("theria::sdpa::vjp::statistics", space);
    backward<Depth, Space, Element>("theria::sdpa::vjp", space, in,
                                    {.d_q = {args.d.q},
                                     .d_k = {args.d.k},
                                     .d_v = {args.d.v},
                                     .d_bias = {args.d.bias},
                                     .bias_b = static_cast<int>(args.in.bias.extent[0]),
                                     .bias_h = static_cast<int>(args.in.bias.extent[1])});
  });
}

}  // namespace theria::sdpa

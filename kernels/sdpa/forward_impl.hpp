// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/forward_kernel.hpp"
#include "kernels/sdpa/operands.hpp"

namespace theria::sdpa {

/// Packs q, k and v and runs the forward kernel; on dual numbers this is the JVP.
template <class Number, class Space, class Scalar>
void launch_forward(const std::string& label, const Space& space, const Problem<Scalar>& problem,
                    const Operand<Number>& q, const Operand<Number>& k, const Operand<Number>& v,
                    const Operand<Number>& bias, const Result<Number>& o,
                    const RowField<Number>& lse, Workspace<Space>& workspace) {
  constexpr int parts = is_dual<Number> ? 2 : 1;
  workspace.rewind();
  workspace.reserve(packed_bytes<Space>(problem, parts, 2 * parts));
  Packer<Space, Scalar> packer(workspace, problem, problem.b, problem.h,
                               padded_depth(problem.d, problem.dv));
  const auto q_source = pack(packer, problem, q, tile::Axis::queries);
  const auto k_source = pack(packer, problem, k, tile::Axis::keys);
  const auto v_source = pack(packer, problem, v, tile::Axis::keys);
  packer.run(label + "::pack", space);
  with_depth(problem.d, problem.dv, [&]<int Depth>() {
    tile::launch(label, space,
                 ForwardKernel<Space, Number, Depth>{.problem = problem,
                                                     .q = q_source,
                                                     .k = k_source,
                                                     .v = v_source,
                                                     .bias = bias,
                                                     .d_o = {},
                                                     .o = o,
                                                     .lse = lse,
                                                     .statistics = {}});
  });
}

}  // namespace theria::sdpa

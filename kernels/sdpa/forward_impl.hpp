// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/forward_kernel.hpp"
#include "kernels/sdpa/operands.hpp"

namespace theria::sdpa {

/// Packs q, k and v and runs the forward kernel; where Stored is dual this is the JVP.
template <class Stored, class Space>
void launch_forward(const std::string& label, const Space& space,
                    const Problem<ScalarOf<Stored>>& problem, const Operand<Stored>& q,
                    const Operand<Stored>& k, const Operand<Stored>& v, const Operand<Stored>& bias,
                    const Result<Stored>& o, const RowField<ArithmeticOf<Stored>>& lse,
                    Workspace<Space>& workspace) {
  using Element = ElementOf<Stored>;
  workspace.rewind();
  workspace.reserve(packed_bytes<Space>(problem, q, tile::Axis::queries) +
                    packed_bytes<Space>(problem, k, tile::Axis::keys) +
                    packed_bytes<Space>(problem, v, tile::Axis::keys));
  Packer<Space, Element> packer(workspace, problem, problem.b, problem.h,
                                padded_depth(problem.d, problem.dv));
  const auto q_source = pack<Stored, Space>(packer, problem, q, tile::Axis::queries);
  const auto k_source = pack<Stored, Space>(packer, problem, k, tile::Axis::keys);
  const auto v_source = pack<Stored, Space>(packer, problem, v, tile::Axis::keys);
  with_depth<Space>(problem.d, problem.dv, [&]<int Depth>() {
    packer.template run<Depth>(label + "::pack", space);
    tile::launch(label, space,
                 ForwardKernel<Space, Stored, Depth>{.problem = problem,
                                                     .q = q_source,
                                                     .k = k_source,
                                                     .v = v_source,
                                                     .bias = bias,
                                                     .o = o,
                                                     .lse = lse});
  });
}

}  // namespace theria::sdpa

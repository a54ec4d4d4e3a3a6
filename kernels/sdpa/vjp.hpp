// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/arguments.hpp"

namespace theria::sdpa {

/// The cotangents of q, k, v and bias for the cotangent d_o of o:
///
///     dV = Pᵀ dO   dS = P∘(dO Vᵀ − δ), δ = rowsum(dO∘O)   dQ = scale·dS K   dK = scale·dSᵀ Q   dbias = dS
///
/// Results are overwritten; those not given are not written. lse has no cotangent here.
/// Workspace: two numbers a query row; on a GPU copies of q, k, v and d_o, as the forward operator makes them.
/// Asynchronous on `space`; no atomics.
/// Throws UserError where docs/contracts.md refuses.
template <class Space, class Element>
void vjp(const Space& space, const Options& options, const VjpArguments<Element>& args,
         Workspace<Space>& workspace);

}  // namespace theria::sdpa

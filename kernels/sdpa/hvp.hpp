// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/arguments.hpp"

namespace theria::sdpa {

/// The VJP and its tangent along (q̇, k̇, v̇, ḃias, dȮ), the tangent of the cotangent included:
///
///     dṖ = dȮ Vᵀ + dO V̇ᵀ   δ̇ = rowsum(dȮ∘O + dO∘Ȯ)   dṠ = Ṗ∘(dP − δ) + P∘(dṖ − δ̇)
///     dQ̇ = scale·(dṠ K + dS K̇)   dK̇ = scale·(dṠᵀ Q + dSᵀ Q̇)   dV̇ = Ṗᵀ dO + Pᵀ dȮ   dḃias = dṠ
///
/// Takes nothing saved. Results are overwritten; those not given are not written.
/// Workspace: five numbers a query row; on a GPU copies of the inputs and tangents, as the forward operator makes them.
/// Asynchronous on `space`; no atomics.
/// Throws UserError where docs/contracts.md refuses.
template <class Space, class Element>
void hvp(const Space& space, const Options& options, const HvpArguments<Element>& args,
         Workspace<Space>& workspace);

}  // namespace theria::sdpa

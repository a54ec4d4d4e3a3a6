// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/arguments.hpp"

namespace theria::sdpa {

/// The forward operator and its derivative along `dot`:
///
///     Ṡ = scale·(Q̇Kᵀ + QK̇ᵀ) + ḃias   μ = rowsum(P∘Ṡ)   Ȯ = (P∘(Ṡ − μ)) V + P V̇   lsė = μ
///
/// All four results are overwritten; those not given are not written. The normaliser is
/// differentiated too. Workspace: on a GPU copies of the inputs and tangents, as the forward operator makes them.
/// Asynchronous on `space`; no atomics.
/// Throws UserError where docs/contracts.md refuses.
template <class Space, class Element>
void jvp(const Space& space, const Options& options, const JvpArguments<Element>& args,
         Workspace<Space>& workspace);

}  // namespace theria::sdpa

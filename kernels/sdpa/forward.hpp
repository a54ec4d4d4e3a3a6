// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/arguments.hpp"

namespace theria::sdpa {

/// O = softmax(scale·Q Kᵀ + bias) V and lse, overwritten. A row that sees no key has O = 0 and
/// lse = −∞. Workspace: on a GPU copies of q, k and v in the format of the tensor cores,
/// but of a bfloat16 tensor that can be read in place (docs/decisions/0021).
/// Asynchronous on `space`; no atomics.
/// Instantiated for float, double, Narrow and Brain on every enabled execution space.
/// Throws UserError where docs/contracts.md refuses.
/// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax" (arXiv:1805.02867);
/// Dao, "FlashAttention-2" (arXiv:2307.08691), Algorithm 1.
template <class Space, class Element>
void forward(const Space& space, const Options& options, const ForwardArguments<Element>& args,
             Workspace<Space>& workspace);

}  // namespace theria::sdpa

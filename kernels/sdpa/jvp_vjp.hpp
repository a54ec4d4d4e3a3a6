// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/hvp.hpp"

namespace theria::sdpa {

/// The adjoint of the JVP as a map of (q, k, v, bias, q̇, k̇, v̇, ḃias) to (o, ȯ): for the cotangents
/// d_o of o and d_o_dot of ȯ, the cotangents d of the inputs and d_dot of their tangents. By the
/// symmetry of second derivatives this is the HVP with d_o := the cotangent of ȯ and its tangent :=
/// the cotangent of o, whose VJP part then is d_dot. lse and its tangent have no cotangent here.
/// Throws UserError where docs/contracts.md refuses.
template <class Space, class Element>
void jvp_vjp(const Space& space, const Options& options, const JvpVjpArguments<Element>& args,
             Workspace<Space>& workspace);

}  // namespace theria::sdpa

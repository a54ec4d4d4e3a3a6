// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/arguments.hpp"

namespace theria::sdpa {

/// What every operator refuses before it starts; docs/contracts.md lists it. Each throws UserError
/// naming the operator, the tensor, its extents and what would be accepted:
///  - a required tensor that is not given,
///  - extents that do not fit q (b,h,i,d), k (b,h,j,d), v (b,h,j,dv); D or Dv outside [1, 256],
///  - a bias whose extents are not (b|1,h|1,i,j), a tangent or cotangent unlike its primal,
///  - a scale that is not finite,
///  - an output that overlaps an input or another output, or itself.
template <class Element>
void require(const Options& options, const ForwardArguments<Element>& args);
template <class Element>
void require(const Options& options, const VjpArguments<Element>& args);
template <class Element>
void require(const Options& options, const JvpArguments<Element>& args);
template <class Element>
void require(const Options& options, const HvpArguments<Element>& args);
template <class Element>
void require(const Options& options, const JvpVjpArguments<Element>& args);

}  // namespace theria::sdpa

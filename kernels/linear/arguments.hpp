// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"

namespace theria::linear {

/// y = x Wᵀ + b with weights of each task's own; stride 0 on the task axis shares them.
template <class Scalar>
struct Inputs {
  Array<const Scalar, 3> x{};  // (n,r,in)
  Array<const Scalar, 3> w{};  // (n,out,in)
  Array<const Scalar, 2> b{};  // (n,out), optional
};

/// A direction in the space of Inputs; what is not given is zero.
template <class Scalar>
using Tangents = Inputs<Scalar>;

/// What a rule does to the cotangent of x: an x that feeds several layers sums theirs.
enum class Write { overwrite, accumulate };

/// Cotangents of Inputs; w's and b's are overwritten, x's as `write_x` says. What is not given is not
/// computed.
template <class Scalar>
struct Cotangents {
  Array<Scalar, 3> x{};
  Array<Scalar, 3> w{};
  Array<Scalar, 2> b{};
  Write write_x = Write::overwrite;
};

template <class Scalar>
struct ForwardArguments {
  Inputs<Scalar> in;
  Array<Scalar, 3> y;  // (n,r,out)
};

template <class Scalar>
struct VjpArguments {
  Inputs<Scalar> in;
  Array<const Scalar, 3> d_y;
  Cotangents<Scalar> d;
};

template <class Scalar>
struct JvpArguments {
  Inputs<Scalar> in;
  Tangents<Scalar> dot;
  Array<Scalar, 3> y_dot;
};

template <class Scalar>
struct HvpArguments {
  Inputs<Scalar> in;
  Array<const Scalar, 3> d_y;
  Tangents<Scalar> dot;
  Array<const Scalar, 3> d_y_dot;
  Cotangents<Scalar> d_dot;  // the tangents of the VJP's results; b's is Σ_r d_y_dot
};

}  // namespace theria::linear

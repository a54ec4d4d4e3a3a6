// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"

namespace theria::layer_norm {

/// y = gain·x̂ + bias with x̂ = (x − μ)/√(σ² + ε), μ and σ² of each row (Ba, Kiros and Hinton 2016); gain and bias of
/// each task's own, or shared by stride 0.
template <class Scalar>
struct Inputs {
  Array<const Scalar, 3> x{};             // (n,r,c)
  Array<const Scalar, 2> gain{}, bias{};  // (n,c)
};

/// Directions; x's may be missing, that is zero.
template <class Scalar>
using Tangents = Inputs<Scalar>;

/// Of a row: μ and 1/√(σ² + ε), or their tangents.
template <class Scalar>
struct Statistics {
  Array<Scalar, 2> mean{}, inverse{};  // (n,r)
};

/// Overwritten; what is not given is not computed.
template <class Scalar>
struct Cotangents {
  Array<Scalar, 3> x{};
  Array<Scalar, 2> gain{}, bias{};
};

/// ε of σ² + ε.
inline constexpr double epsilon = 1e-5;

template <class Scalar>
struct ForwardArguments {
  Inputs<Scalar> in;
  Array<Scalar, 3> y;
  Statistics<Scalar> rows;
};

template <class Scalar>
struct VjpArguments {
  Inputs<Scalar> in;
  Statistics<const Scalar> rows;  // of the forward operator at the same inputs
  Array<const Scalar, 3> d_y;
  Cotangents<Scalar> d;
};

template <class Scalar>
struct JvpArguments {
  Inputs<Scalar> in;
  Tangents<Scalar> dot;
  Array<Scalar, 3> y, y_dot;
  Statistics<Scalar> rows, rows_dot;
};

template <class Scalar>
struct HvpArguments {
  Inputs<Scalar> in;
  Tangents<Scalar> dot;
  Statistics<const Scalar> rows, rows_dot;  // of the JVP at the same inputs
  Array<const Scalar, 3> d_y, d_y_dot;
  Array<Scalar, 3> d_x;      // the VJP's; not given: not computed
  Cotangents<Scalar> d_dot;  // tangents of all that the VJP gives
};

}  // namespace theria::layer_norm

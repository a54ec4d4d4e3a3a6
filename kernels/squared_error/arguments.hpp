// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"

namespace theria::squared_error {

/// loss_n = mean_r Σ_c (y_nrc − target_nrc)².
template <class Scalar>
struct ForwardArguments {
  Array<const Scalar, 3> y, target;  // (n,r,c)
  Array<Scalar, 1> loss;             // (n)
};

/// For the cotangent 1 of every task's loss, which is what a mean over tasks needs.
template <class Scalar>
struct VjpArguments {
  Array<const Scalar, 3> y, target;
  Array<Scalar, 3> d_y;
};

template <class Scalar>
struct JvpArguments {
  Array<const Scalar, 3> y, target, y_dot;
  Array<Scalar, 1> loss_dot;  // (n)
};

template <class Scalar>
struct HvpArguments {
  Array<const Scalar, 3> y, target, y_dot;
  Array<Scalar, 3> d_y;      // the VJP's result
  Array<Scalar, 3> d_y_dot;  // its tangent
};

}  // namespace theria::squared_error

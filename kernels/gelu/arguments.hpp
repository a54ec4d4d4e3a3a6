// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"

namespace theria::gelu {

/// y = x Φ(x), number by number, Φ the normal distribution's (Hendrycks and Gimpel 2016, exact).
template <class Scalar>
struct ForwardArguments {
  Array<const Scalar, 3> x;
  Array<Scalar, 3> y;
};

template <class Scalar>
struct VjpArguments {
  Array<const Scalar, 3> x, d_y;
  Array<Scalar, 3> d_x;
};

template <class Scalar>
struct JvpArguments {
  Array<const Scalar, 3> x, x_dot;
  Array<Scalar, 3> y, y_dot;
};

template <class Scalar>
struct HvpArguments {
  Array<const Scalar, 3> x, d_y, x_dot, d_y_dot;
  Array<Scalar, 3> d_x, d_x_dot;
};

}  // namespace theria::gelu

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

/// One set (support or query) of every task of a launch.
template <class Space, class Scalar>
struct Batch {
  ViewOn<Scalar****, Space> x;      // (n,s,t,f)
  ViewOn<std::int32_t**, Space> y;  // (n,s)
};

/// Flat parameters of every task, (n,P); stride 0 on the task axis where all tasks share them.
template <class Scalar>
using Parameters = Array<const Scalar, 2>;

}  // namespace theria

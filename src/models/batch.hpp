// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

/// One set (support or query) of every task of a launch.
template <class Space, class Scalar>
struct Batch {
  ViewOn<Scalar****, Space> x{};      // (n,s,t,f)
  ViewOn<std::int32_t**, Space> y{};  // (n,s): classes; without extent in a regression
  ViewOn<Scalar***, Space> target{};  // (n,s,1): what is to be predicted; without extent of classes

  std::size_t bytes() const {
    return (x.size() + target.size()) * sizeof(Scalar) + y.size() * sizeof(std::int32_t);
  }
  /// The tasks [from, to).
  Batch part(int from, int to) const {
    const auto all = Kokkos::ALL;
    const std::pair tasks(from, to);
    Batch cut{.x = Kokkos::subview(x, tasks, all, all, all), .y = y, .target = target};
    if (y.extent(0) > 0) cut.y = Kokkos::subview(y, tasks, all);
    if (target.extent(0) > 0) cut.target = Kokkos::subview(target, tasks, all, all);
    return cut;
  }
};

/// Flat parameters of every task, (n,P); stride 0 on the task axis where all tasks share them.
template <class Scalar>
using Parameters = Array<const Scalar, 2>;

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/sixteen_bits.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

/// One set (support or query) of every task of a launch.
template <class Space, class Scalar>
struct Batch {
  ViewOn<Scalar****, Space> x{};  // (n,s,t,f); without extent where they are in bfloat16
  ViewOn<BFloat16****, Space> x_bfloat16{};
  ViewOn<std::int32_t**, Space> y{};  // (n,s): classes; without extent in a regression
  ViewOn<Scalar***, Space> target{};  // (n,s,1): what is to be predicted; without extent of classes

  int tasks() const { return static_cast<int>(std::max(x.extent(0), x_bfloat16.extent(0))); }
  std::size_t bytes() const {
    return (x.size() + target.size()) * sizeof(Scalar) + x_bfloat16.size() * sizeof(BFloat16) +
           y.size() * sizeof(std::int32_t);
  }
  /// The tasks [from, to).
  Batch part(int from, int to) const {
    const auto all = Kokkos::ALL;
    const std::pair tasks(from, to);
    Batch cut = *this;
    if (x.extent(0) > 0) cut.x = Kokkos::subview(x, tasks, all, all, all);
    if (x_bfloat16.extent(0) > 0)
      cut.x_bfloat16 = Kokkos::subview(x_bfloat16, tasks, all, all, all);
    if (y.extent(0) > 0) cut.y = Kokkos::subview(y, tasks, all);
    if (target.extent(0) > 0) cut.target = Kokkos::subview(target, tasks, all, all);
    return cut;
  }
};

/// Flat parameters of every task, (n,P); stride 0 on the task axis where all tasks share them.
template <class Scalar>
using Parameters = Array<const Scalar, 2>;

}  // namespace theria

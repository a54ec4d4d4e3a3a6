// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

/// The sum of one vector a task as a binary tree over task indices, whatever the number of tasks
/// that come at a time: aligned blocks of 2, 4, 8, … tasks are summed first, as a counter carries.
/// Level l holds the sum of a finished block of 2^l tasks.
template <class Space, class Scalar>
class PairwiseSum {
 public:
  PairwiseSum(std::int64_t size, std::int64_t tasks)
      : m_levels("theria::meta::pairwise_sum", levels(tasks), size) {}

  /// Bytes of the levels.
  static std::size_t bytes(std::int64_t size, std::int64_t tasks) {
    return levels(tasks) * static_cast<std::size_t>(size) * sizeof(Scalar);
  }

  void clear() { m_count = 0; }

  /// Adds the rows of x (n,P), in order.
  void add(const Space& space, const Array<const Scalar, 2>& x) {
    const auto levels = m_levels;
    const std::uint64_t before = m_count;
    const std::int64_t size = x.extent[1], tasks = x.extent[0];
    Kokkos::parallel_for(
        "theria::meta::pairwise_sum::add",
        Kokkos::RangePolicy<Space>(space, 0, (size + at_once - 1) / at_once),
        KOKKOS_LAMBDA(std::int64_t block) {
          const std::int64_t first = block * at_once;
          const int count = static_cast<int>(size - first < at_once ? size - first : at_once);
          Scalar sum[at_once];
          for (std::int64_t n = 0; n < tasks; ++n) {
            for (int i = 0; i < count; ++i) sum[i] = x(n, first + i);
            int level = 0;
            for (std::uint64_t carry = before + static_cast<std::uint64_t>(n); carry & 1;
                 carry >>= 1, ++level)
              for (int i = 0; i < count; ++i) sum[i] = levels(level, first + i) + sum[i];
            for (int i = 0; i < count; ++i) levels(level, first + i) = sum[i];
          }
        });
    m_count += static_cast<std::uint64_t>(x.extent[0]);
  }

  /// mean(P) = the sum over all tasks so far / their number, overwritten.
  void mean(const Space& space, const Array<Scalar, 1>& mean) const {
    const auto levels = m_levels;
    const std::uint64_t total = m_count;
    Kokkos::parallel_for(
        "theria::meta::pairwise_sum::mean", Kokkos::RangePolicy<Space>(space, 0, mean.extent[0]),
        KOKKOS_LAMBDA(std::int64_t p) {
          Scalar sum = 0;
          int level = 0;
          for (std::uint64_t count = total; count != 0; count >>= 1, ++level)
            if (count & 1) sum = levels(level, p) + sum;
          mean(p) = sum / static_cast<Scalar>(total);
        });
  }

 private:
  /// Neighbours that a thread sums together: on a CPU some vectors of them.
  static constexpr int at_once = std::is_same_v<Space, OpenMP> ? 64 : 1;

  static std::size_t levels(std::int64_t tasks) {
    return std::bit_width(static_cast<std::uint64_t>(tasks));
  }

  ViewOn<Scalar**, Space> m_levels;  // (level,P)
  std::uint64_t m_count = 0;
};

}  // namespace theria

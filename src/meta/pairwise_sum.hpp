// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

/// Neighbours of a vector that a thread sums together: on a CPU some vectors of them.
template <class Space>
inline constexpr int summed_together = std::is_same_v<Space, OpenMP> ? 64 : 1;

/// sum (cols) = the sum of rows row … row + count − 1 of x from column `first` on, as a binary tree.
template <int count, int width, class Scalar>
KOKKOS_INLINE_FUNCTION void tree_sum(const Array<const Scalar, 2>& x, std::int64_t row,
                                     std::int64_t first, int cols, Scalar (&sum)[width]) {
  if constexpr (count == 1) {
    for (int i = 0; i < cols; ++i) sum[i] = x(row, first + i);
  } else {
    Scalar later[width];
    tree_sum<count / 2>(x, row, first, cols, sum);
    tree_sum<count / 2>(x, row + count / 2, first, cols, later);
    for (int i = 0; i < cols; ++i) sum[i] += later[i];
  }
}

/// sums(b) = the sum of rows first_row + block b … of x, for all rows of `sums` up to `blocks`.
template <int block, class Space, class Scalar>
void sum_blocks(const Space& space, const Array<const Scalar, 2>& x, std::int64_t first_row,
                std::int64_t blocks, const ViewOn<Scalar**, Space>& sums) {
  constexpr int width = summed_together<Space>;
  const std::int64_t size = x.extent[1], parts = (size + width - 1) / width;
  Kokkos::parallel_for(
      "theria::meta::pairwise_sum::blocks", Kokkos::RangePolicy<Space>(space, 0, blocks * parts),
      KOKKOS_LAMBDA(std::int64_t index) {
        const std::int64_t b = index / parts, first = index % parts * width;
        const int cols = static_cast<int>(size - first < width ? size - first : width);
        Scalar sum[width];
        tree_sum<block>(x, first_row + b * block, first, cols, sum);
        for (int i = 0; i < cols; ++i) sums(b, first + i) = sum[i];
      });
}

/// Adds rows of x, each the sum of a block, to the levels above `first_level`, of which `before` blocks have been
/// added.
template <class Space, class Scalar>
void carry_rows(const Space& space, const Array<const Scalar, 2>& x, std::int64_t first_row,
                std::int64_t count, std::uint64_t before, int first_level,
                const ViewOn<Scalar**, Space>& levels) {
  constexpr int width = summed_together<Space>;
  const std::int64_t size = x.extent[1];
  Kokkos::parallel_for(
      "theria::meta::pairwise_sum::carry",
      Kokkos::RangePolicy<Space>(space, 0, (size + width - 1) / width),
      KOKKOS_LAMBDA(std::int64_t part) {
        const std::int64_t first = part * width;
        const int cols = static_cast<int>(size - first < width ? size - first : width);
        Scalar sum[width];
        for (std::int64_t n = 0; n < count; ++n) {
          for (int i = 0; i < cols; ++i) sum[i] = x(first_row + n, first + i);
          int level = first_level;
          for (std::uint64_t bits = before + static_cast<std::uint64_t>(n); bits & 1;
               bits >>= 1, ++level)
            for (int i = 0; i < cols; ++i) sum[i] = levels(level, first + i) + sum[i];
          for (int i = 0; i < cols; ++i) levels(level, first + i) = sum[i];
        }
      });
}

/// The sum of one vector a task as a binary tree over task indices, whatever the number of tasks
/// that come at a time: aligned blocks of 2, 4, 8, … tasks are summed first, as a counter carries.
/// Level l holds the sum of a finished block of 2^l tasks. Whole blocks of 32 are summed beside one another, what is
/// on either side of them one task after the other: the tree is the same.
template <class Space, class Scalar>
class PairwiseSum {
 public:
  /// Of `tasks` vectors of `size` numbers in all, up to `at_a_time` an add().
  PairwiseSum(std::int64_t size, std::int64_t tasks, std::int64_t at_a_time)
      : m_levels("theria::meta::pairwise_sum::levels", levels(tasks), size) {
    if (at_a_time < block) return;
    m_blocks = ViewOn<Scalar**, Space>(
        Kokkos::view_alloc("theria::meta::pairwise_sum::blocks", Kokkos::WithoutInitializing),
        at_a_time / block, size);
  }

  /// Bytes of the levels and the blocks.
  static std::size_t bytes(std::int64_t size, std::int64_t tasks, std::int64_t at_a_time) {
    return (levels(tasks) + static_cast<std::size_t>(at_a_time / block)) *
           static_cast<std::size_t>(size) * sizeof(Scalar);
  }

  void clear() { m_count = 0; }

  /// Adds the rows of x (n,P), in order.
  void add(const Space& space, const Array<const Scalar, 2>& x) {
    const std::int64_t tasks = x.extent[0], inside = static_cast<std::int64_t>(m_count % block);
    const std::int64_t head = std::min(tasks, (block - inside) % block);
    const std::int64_t blocks = (tasks - head) / block, tail = head + blocks * block;
    add_rows(space, x, 0, head);
    if (blocks > 0) {
      sum_blocks<block>(space, x, head, blocks, m_blocks);
      carry_rows(space, Array<const Scalar, 2>(Array<Scalar, 2>(m_blocks)), 0, blocks,
                 m_count / block, block_level, m_levels);
      m_count += static_cast<std::uint64_t>(blocks * block);
    }
    add_rows(space, x, tail, tasks - tail);
  }

  /// mean(P) = the sum over all tasks so far / the number of those that count, overwritten.
  void mean(const Space& space, const Array<Scalar, 1>& mean, std::int64_t counted) const {
    const auto levels = m_levels;
    const std::uint64_t total = m_count;
    Kokkos::parallel_for(
        "theria::meta::pairwise_sum::mean", Kokkos::RangePolicy<Space>(space, 0, mean.extent[0]),
        KOKKOS_LAMBDA(std::int64_t p) {
          Scalar sum = 0;
          int level = 0;
          for (std::uint64_t count = total; count != 0; count >>= 1, ++level)
            if (count & 1) sum = levels(level, p) + sum;
          mean(p) = sum / static_cast<Scalar>(counted);
        });
  }

 private:
  static constexpr int block_level = 5, block = 1 << block_level;

  static std::size_t levels(std::int64_t tasks) {
    return std::bit_width(static_cast<std::uint64_t>(tasks));
  }

  void add_rows(const Space& space, const Array<const Scalar, 2>& x, std::int64_t first,
                std::int64_t count) {
    if (count > 0) carry_rows(space, x, first, count, m_count, 0, m_levels);
    m_count += static_cast<std::uint64_t>(count);
  }

  ViewOn<Scalar**, Space> m_levels;  // (level,P)
  ViewOn<Scalar**, Space> m_blocks;  // (n/32,P): sums of the whole blocks of one add()
  std::uint64_t m_count = 0;
};

}  // namespace theria

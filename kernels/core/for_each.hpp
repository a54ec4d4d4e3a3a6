// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"

namespace theria {

namespace gpu {

/// f(n, r, c) with neighbouring threads at neighbouring c, whatever the extents.
template <class Index, class Space, class Function>
void for_each_element(const std::string& label, const Space& space, std::int64_t tasks,
                      std::int64_t rows, std::int64_t columns, const Function& f) {
  const auto r_extent = static_cast<Index>(rows), c_extent = static_cast<Index>(columns);
  Kokkos::parallel_for(
      label, Kokkos::RangePolicy<Space>(space, 0, tasks * rows * columns),
      KOKKOS_LAMBDA(std::int64_t element) {
        const auto e = static_cast<Index>(element);
        const Index row = e / c_extent, c = e - row * c_extent;
        const Index n = row / r_extent, r = row - n * r_extent;
        f(static_cast<std::int64_t>(n), static_cast<std::int64_t>(r), static_cast<std::int64_t>(c));
      });
}

/// The same with a team a row: one division a thread. For rows that are long, and many.
template <class Space, class Function>
void for_each_of_rows(const std::string& label, const Space& space, std::int64_t tasks,
                      std::int64_t rows, std::int64_t columns, const Function& f) {
  using Policy = Kokkos::TeamPolicy<Space>;
  const auto r_extent = static_cast<std::int32_t>(rows),
             c_extent = static_cast<std::int32_t>(columns);
  constexpr int warps = 4, lanes = 32;
  Kokkos::parallel_for(
      label, Policy(space, static_cast<int>(tasks * rows), warps, lanes),
      KOKKOS_LAMBDA(const typename Policy::member_type& team) {
        const std::int32_t n = team.league_rank() / r_extent, r = team.league_rank() - n * r_extent;
        Kokkos::parallel_for(Kokkos::TeamVectorRange(team, c_extent),
                             [&](std::int32_t c) { f(n, r, c); });
      });
}
inline bool are_many_long_rows(std::int64_t rows, std::int64_t columns) {
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return columns >= 128 && rows >= 1024 && rows <= most && columns <= most;
}

}  // namespace gpu

/// f(n, r, c) for all n < tasks, r < rows, c < columns, in any order.
template <class Space, class Function>
void for_each_element(const std::string& label, const Space& space, std::int64_t tasks,
                      std::int64_t rows, std::int64_t columns, const Function& f) {
  const std::int64_t total = tasks * rows * columns;
  if (total == 0) return;
  if constexpr (std::is_same_v<Space, OpenMP>) {
    Kokkos::parallel_for(
        label,
        Kokkos::MDRangePolicy<Space, Kokkos::Rank<3>>(space, {0, 0, 0}, {tasks, rows, columns}), f);
  } else if (gpu::are_many_long_rows(tasks * rows, columns)) {
    gpu::for_each_of_rows(label, space, tasks, rows, columns, f);
  } else if (total <= std::numeric_limits<std::int32_t>::max()) {  // shorter divisions
    gpu::for_each_element<std::uint32_t>(label, space, tasks, rows, columns, f);
  } else {
    gpu::for_each_element<std::int64_t>(label, space, tasks, rows, columns, f);
  }
}

/// The same for every number of an (n,r,c) array.
template <class Space, class T, class Function>
void for_each_element(const std::string& label, const Space& space, const Array<T, 3>& of,
                      const Function& f) {
  for_each_element(label, space, of.extent[0], of.extent[1], of.extent[2], f);
}

}  // namespace theria

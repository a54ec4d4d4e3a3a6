// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

#include "kernels/core/for_each.hpp"

namespace theria {

/// f(n, p) for all n < tasks and p < size, in any order: vectors of all tasks at once.
template <class Space, class Function>
void for_each_number(const std::string& label, const Space& space, std::int64_t tasks,
                     std::int64_t size, const Function& f) {
  if constexpr (std::is_same_v<Space, OpenMP>) {
    Kokkos::parallel_for(
        label, Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {tasks, size}), f);
  } else {
    for_each_element(
        label, space, 1, tasks, size,
        KOKKOS_LAMBDA(std::int64_t, std::int64_t n, std::int64_t p) { f(n, p); });
  }
}

}  // namespace theria

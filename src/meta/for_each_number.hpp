// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <cstdint>
#include <string>

namespace theria {

/// f(n, p) for all n < tasks and p < size, in any order: vectors of all tasks at once.
template <class Space, class Function>
void for_each_number(const std::string& label, const Space& space, std::int64_t tasks,
                     std::int64_t size, const Function& f) {
  Kokkos::parallel_for(
      label, Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {tasks, size}), f);
}

}  // namespace theria

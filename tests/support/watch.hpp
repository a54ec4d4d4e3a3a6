// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace theria::test {

/// Listens to Kokkos Tools while it lives: the labels of kernels, and what is allocated. One at a
/// time.
class Watch {
 public:
  struct Allocation {
    std::string space, label;
    std::int64_t bytes;  // negative when freed
  };

  Watch() {
    namespace tools = Kokkos::Tools::Experimental;
    s_current = this;
    tools::set_begin_parallel_for_callback(kernel);
    tools::set_begin_parallel_reduce_callback(kernel);
    tools::set_begin_parallel_scan_callback(kernel);
    tools::set_allocate_data_callback(allocated);
    tools::set_deallocate_data_callback(freed);
  }
  ~Watch() {
    namespace tools = Kokkos::Tools::Experimental;
    tools::set_begin_parallel_for_callback(nullptr);
    tools::set_begin_parallel_reduce_callback(nullptr);
    tools::set_begin_parallel_scan_callback(nullptr);
    tools::set_allocate_data_callback(nullptr);
    tools::set_deallocate_data_callback(nullptr);
    s_current = nullptr;
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// In order of launch.
  const std::vector<std::string>& kernels() const { return m_kernels; }
  /// Allocations and frees in order, but those of nothing: CUDA's Kokkos asks for 0 bytes of team
  /// scratch before every launch that needs none.
  const std::vector<Allocation>& memory() const { return m_memory; }

  void clear() {
    m_kernels.clear();
    m_memory.clear();
  }

  /// The most bytes held at once by allocations that `counts` takes, those from before apart.
  std::int64_t peak(const std::function<bool(const Allocation&)>& counts) const {
    std::int64_t held = 0, most = 0;
    for (const Allocation& a : m_memory) {
      if (counts(a)) held += a.bytes;
      most = std::max(most, held);
    }
    return most;
  }

 private:
  static void kernel(const char* label, std::uint32_t, std::uint64_t* id) {
    *id = 0;
    s_current->m_kernels.emplace_back(label);
  }
  static void allocated(const Kokkos::Profiling::SpaceHandle space, const char* label, const void*,
                        std::uint64_t bytes) {
    s_current->note(space.name, label, static_cast<std::int64_t>(bytes));
  }
  static void freed(const Kokkos::Profiling::SpaceHandle space, const char* label, const void*,
                    std::uint64_t bytes) {
    s_current->note(space.name, label, -static_cast<std::int64_t>(bytes));
  }
  void note(const char* space, const char* label, std::int64_t bytes) {
    if (bytes != 0) m_memory.push_back({space, label, bytes});
  }

  static inline Watch* s_current = nullptr;
  std::vector<std::string> m_kernels;
  std::vector<Allocation> m_memory;
};

/// Whether a kernel's label is theria's own, or one that Kokkos gives on its behalf.
inline bool is_known_kernel(const std::string& label) {
  return label.rfind("theria::", 0) == 0 ||
         label.rfind("Kokkos::View::initialization [theria::", 0) == 0;  // a View zeroes itself
}

/// Whether an allocation is theria's own, or Kokkos's room for team scratch, which grows once.
inline bool is_known_allocation(const Watch::Allocation& a) {
  if (a.label == "[unlabeled]") return a.bytes < 0;  // Kokkos frees its own without their name
  return a.label.rfind("theria::", 0) == 0 || a.label == "Kokkos::OpenMP::scratch_mem" ||
         a.label.rfind("Kokkos::Cuda", 0) == 0;  // its scratch of teams
}

}  // namespace theria::test

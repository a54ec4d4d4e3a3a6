// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "src/deck/deck.hpp"

namespace theria {

/// One backend of this binary, and whether this machine can run it.
struct BackendInfo {
  Backend backend;
  std::string device;  // "AMD EPYC …, 2 threads" or "NVIDIA H200, compute capability 9.0"
  bool usable;
  std::string reason;  // why not usable, empty otherwise
};

/// Kokkos for the life of this object. One at a time.
class Runtime {
 public:
  /// `kokkos_arguments`: the `--kokkos-*` words of the command line. Throws UserError for more
  /// threads than Kokkos can run; of a larger number in the environment it warns and takes less.
  explicit Runtime(const std::vector<std::string>& kokkos_arguments);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
};

/// Makes OpenMP take the threads that a Runtime of these words would, for plans that are made without one.
/// Throws as Runtime does.
void take_threads(const std::vector<std::string>& kokkos_arguments);

/// The backends compiled into this binary, OpenMP first. Needs no Runtime, and no GPU driver.
std::vector<BackendInfo> backends();

/// `automatic` becomes CUDA where a usable one exists, else OpenMP.
/// Throws UserError when the backend asked for is not in this binary, RunError when it has no device.
Backend resolve(Backend wanted);

/// Memory of the backend's device: what host_memory_bytes finds, or what is free of the GPU's.
std::size_t memory_bytes(Backend resolved);

/// Host threads that Kokkos uses; needs a Runtime.
int host_threads();

}  // namespace theria

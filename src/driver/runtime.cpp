// SPDX-License-Identifier: Apache-2.0
#include "src/driver/runtime.hpp"

#include <unistd.h>

#include "kernels/core/spaces.hpp"
#include "src/core/error.hpp"
#include "src/io/machine.hpp"
#ifdef KOKKOS_ENABLE_CUDA
#include <cuda_runtime_api.h>
#endif

namespace theria {
#ifdef KOKKOS_ENABLE_CUDA
namespace {

BackendInfo cuda_backend() {
  BackendInfo info{.backend = Backend::cuda, .device = "", .usable = false, .reason = ""};
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    info.reason = status != cudaSuccess ? cudaGetErrorString(status) : "no CUDA device";
    return info;
  }
  cudaDeviceProp device;
  if (cudaGetDeviceProperties(&device, 0) != cudaSuccess) {
    info.reason = "the CUDA device does not answer";
    return info;
  }
  info.usable = true;
  info.device = std::string(device.name) + ", compute capability " + std::to_string(device.major) +
                "." + std::to_string(device.minor);
  return info;
}

}  // namespace
#endif

Runtime::Runtime(const std::vector<std::string>& kokkos_arguments) {
  std::vector<std::string> words{"theria", "--kokkos-disable-warnings"};
  words.insert(words.end(), kokkos_arguments.begin(), kokkos_arguments.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int count = static_cast<int>(words.size());
  Kokkos::initialize(count, arguments.data());
}

Runtime::~Runtime() { Kokkos::finalize(); }

std::vector<BackendInfo> backends() {
  std::vector<BackendInfo> all{
      {.backend = Backend::openmp, .device = cpu_model(), .usable = true, .reason = ""}};
#ifdef KOKKOS_ENABLE_CUDA
  all.push_back(cuda_backend());
#endif
  return all;
}

Backend resolve(Backend wanted) {
  Backend best = Backend::openmp;
  for (const BackendInfo& info : backends()) {
    if (info.backend == wanted) {
      if (!info.usable) throw RunError("backend cuda: " + info.reason);
      return wanted;
    }
    if (info.usable) best = info.backend;
  }
  if (wanted != Backend::automatic)
    throw UserError(
        "backend cuda: this binary was built for openmp alone; ./bootstrap build --preset "
        "cuda-release makes one with CUDA");
  return best;
}

std::size_t memory_bytes([[maybe_unused]] Backend resolved) {
#ifdef KOKKOS_ENABLE_CUDA
  if (resolved == Backend::cuda) {
    std::size_t free = 0, total = 0;
    if (cudaMemGetInfo(&free, &total) == cudaSuccess) return free;
  }
#endif
  return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

int host_threads() { return OpenMP().concurrency(); }

}  // namespace theria

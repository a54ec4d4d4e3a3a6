// SPDX-License-Identifier: Apache-2.0
#include "src/driver/runtime.hpp"

#include <omp.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "kernels/core/spaces.hpp"
#include "src/core/error.hpp"
#include "src/io/machine.hpp"
#include "src/io/memory.hpp"
#ifdef KOKKOS_ENABLE_CUDA
#include <cuda_runtime_api.h>
#endif

namespace theria {
namespace {

constexpr int most_threads = Kokkos::Impl::OpenMPTraits::MAX_THREAD_COUNT;
constexpr std::string_view threads_flag = "--kokkos-num-threads=";

/// Kokkos keeps its threads in a table of fixed length and writes on beyond its end. A number that
/// was asked for by `words` is refused there, one of the environment is cut.
int bound_threads(std::vector<std::string>& words) {
  int wanted = omp_get_max_threads();
  if (wanted > most_threads) omp_set_num_threads(most_threads);
  if (const char* variable = std::getenv("KOKKOS_NUM_THREADS")) wanted = std::atoi(variable);
  for (const std::string& word : words) {
    if (!word.starts_with(threads_flag)) continue;
    wanted = std::atoi(word.c_str() + threads_flag.size());
    if (wanted > most_threads)
      throw UserError(word + ": Kokkos runs at most " + std::to_string(most_threads) + " threads");
  }
  if (wanted <= most_threads) return wanted;
  std::fprintf(stderr,
               "theria: warning: the environment asks for %d threads; %d are used, as many as "
               "Kokkos runs\n",
               wanted, most_threads);
  words.push_back(std::string(threads_flag) + std::to_string(most_threads));
  return most_threads;
}

#ifdef KOKKOS_ENABLE_CUDA
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
#endif

}  // namespace

Runtime::Runtime(const std::vector<std::string>& kokkos_arguments) {
  std::vector<std::string> words{"theria", "--kokkos-disable-warnings"};
  words.insert(words.end(), kokkos_arguments.begin(), kokkos_arguments.end());
  bound_threads(words);
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
  return host_memory_bytes();
}

void take_threads(const std::vector<std::string>& kokkos_arguments) {
  std::vector<std::string> words = kokkos_arguments;
  omp_set_num_threads(std::max(1, bound_threads(words)));
}

int host_threads() { return OpenMP().concurrency(); }

}  // namespace theria

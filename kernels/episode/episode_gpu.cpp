// SPDX-License-Identifier: Apache-2.0
#include "kernels/episode/cuda/algebra.hpp"
#include "kernels/episode/episode.hpp"
#include "kernels/episode/task.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::episode {
namespace {

constexpr int teams_a_multiprocessor = 2;

/// Numbers of an H100, for plans where there is no GPU.
struct Gpu {
  int multiprocessors = 132;
  std::size_t shared_bytes = 228 << 10, reserved_bytes = 1 << 10, most_bytes = 227 << 10;
};

Gpu gpu() {
  Gpu g;
#ifdef KOKKOS_ENABLE_CUDA
  if (Kokkos::is_initialized()) {
    const cudaDeviceProp& device = Cuda().cuda_device_prop();
    g.multiprocessors = device.multiProcessorCount;
    g.shared_bytes = device.sharedMemPerMultiprocessor;
    g.reserved_bytes = device.reservedSharedMemPerBlock;
    using Policy = Kokkos::TeamPolicy<Cuda>;
    g.most_bytes = Policy(1, cuda::warps, 32).scratch_size_max(0);
  }
#endif
  return g;
}

}  // namespace

Storage gpu_storage() {
  const Gpu g = gpu();
  // Some of it Kokkos and the desk's pointers take.
  constexpr std::size_t rest = 1792;
  const std::size_t share = g.shared_bytes / teams_a_multiprocessor - g.reserved_bytes;
  return {.line = 16,
          .odd_lines = true,
          .turns_copies = false,
          .near_bytes = std::min(share, g.most_bytes) - rest,
          .teams = teams_a_multiprocessor * g.multiprocessors};
}

#ifdef KOKKOS_ENABLE_CUDA
namespace {

/// A team of warps does every so many-th task.
template <class Scalar, class Input, bool snug>
struct Episodes {
  Shape shape;
  Options options;
  Sets<Input> sets;
  Arguments<Scalar> args;
  Storage storage;
  League league;
  std::size_t scratch;
  std::int64_t tasks;

  using TaskDesk = Desk<Scalar, Input>;
  static constexpr std::size_t desk_bytes = (sizeof(TaskDesk) + 63) / 64 * 64;

  KOKKOS_FUNCTION void operator()(const tile::Member<Cuda>& team) const {
    char* const near = tile::arena_of<Cuda>(team, scratch);
    auto* const desk = reinterpret_cast<TaskDesk*>(near);
    if (tile::cuda::warp() == 0 && tile::cuda::lane() == 0)
      *desk = TaskDesk(storage, near + desk_bytes,
                       league.workspace + team.league_rank() * league.team_bytes, shape, options);
    team.team_barrier();
    for (std::int64_t n = team.league_rank(); n < tasks; n += team.league_size())
      run_task<cuda::Algebra<Scalar, snug>>(shape, options, sets, args, n, *desk);
  }
};

template <class Kernel>
void launch(const Cuda& space, Kernel kernel) {
  using Policy =
      Kokkos::TeamPolicy<Cuda, Kokkos::LaunchBounds<cuda::threads, teams_a_multiprocessor>>;
  Policy policy(space, kernel.league.size, cuda::warps, 32);
  policy.set_scratch_size(0, Kokkos::PerTeam(static_cast<int>(kernel.scratch)));
  Kokkos::parallel_for("theria::episode::run", policy, kernel);
}

/// Whether a sequence fits into a warp's registers, and all but the weights into shared memory.
template <class Scalar, class Input>
bool is_snug(const Shape& s, const Desk<Scalar, Input>& desk) {
  using Sequence = cuda::ResidentSequence<Scalar>;
  return sizeof(Scalar) == sizeof(float) && s.tokens <= Sequence::most_tokens &&
         s.features <= Sequence::most_features && desk.small_are_near;
}

}  // namespace

template <class Space, class Scalar, class Input>
void run(const Space& space, const Shape& shape, const Options& options, const Sets<Input>& sets,
         const Arguments<Scalar>& args, int most_teams, Workspace<Space>& workspace) {
  const std::int64_t tasks = sets.support.x.extent[0];
  if (tasks == 0) return;
  const Storage storage = gpu_storage();
  const League league =
      gather<Scalar, Input>(storage, shape, options, tasks, most_teams, workspace);
  const Desk<Scalar, Input> desk(storage, nullptr, nullptr, shape, options);
  const auto go = [&]<bool snug>() {
    using Kernel = Episodes<Scalar, Input, snug>;
    const std::size_t scratch = tile::scratch_request(Kernel::desk_bytes + desk.near_bytes);
    launch(space, Kernel{shape, options, sets, args, storage, league, scratch, tasks});
  };
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    if (is_snug(shape, desk)) return go.template operator()<true>();
  }
  go.template operator()<false>();
}

#define THERIA_INSTANTIATE(SCALAR, INPUT)                                          \
  template void run(const Cuda&, const Shape&, const Options&, const Sets<INPUT>&, \
                    const Arguments<SCALAR>&, int, Workspace<Cuda>&);
THERIA_INSTANTIATE(float, float)
THERIA_INSTANTIATE(float, BFloat16)
THERIA_INSTANTIATE(double, double)
#endif

}  // namespace theria::episode

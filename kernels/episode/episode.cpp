// SPDX-License-Identifier: Apache-2.0
#ifdef __NVCC__
// The texts are for both, the host's algebra is not: nvcc warns of its calls in what it will never make for a GPU.
#pragma nv_diag_suppress 20011, 20013, 20014, 20015
#endif
#include "kernels/episode/episode.hpp"

#include <omp.h>

#include "kernels/episode/host/algebra.hpp"
#include "kernels/episode/task.hpp"

namespace theria::episode {
namespace {

/// A team per hardware thread, or fewer, and every so many-th task for each.
template <class Scalar, class Input>
struct Episodes {
  Shape shape;
  Options options;
  Sets<Input> sets;
  Arguments<Scalar> args;
  Storage storage;
  League league;
  std::int64_t tasks;

  void operator()(const Kokkos::TeamPolicy<OpenMP>::member_type& team) const {
    char* const start = league.workspace + team.league_rank() * league.team_bytes;
    Desk<Scalar, Input> desk(storage, nullptr, start, shape, options);
    for (std::int64_t n = team.league_rank(); n < tasks; n += team.league_size())
      run_task<host::Algebra<Scalar>>(shape, options, sets, args, n, desk);
  }
};

}  // namespace

Storage host_storage() {
  return {.line = 64,
          .odd_lines = false,
          .turns_copies = true,
          .near_bytes = 0,
          .teams = Kokkos::is_initialized() ? OpenMP().concurrency() : omp_get_max_threads()};
}

template <class Scalar, class Input>
int teams(const Storage& storage, const Shape& s, const Options& options, int tasks) {
  const int most = std::min(tasks, storage.teams);
  if (options.swept == 0) return most;
  const auto parameters = static_cast<double>(s.parameters());
  const Desk<Scalar, Input> desk(storage, nullptr, nullptr, s, options);
  const double fitting =
      tasks * (parameters * sizeof(Scalar) / static_cast<double>(desk.record_bytes));
  return std::max(1, static_cast<int>(std::min<double>(most, fitting)));
}

template <class Scalar, class Input>
std::size_t team_bytes(const Storage& storage, const Shape& shape, const Options& options) {
  const Desk<Scalar, Input> desk(storage, nullptr, nullptr, shape, options);
  const std::size_t bytes = desk.far_bytes;
  return (bytes + 255) / 256 * 256;
}

template <class Space, class Scalar, class Input>
void run(const Space& space, const Shape& shape, const Options& options, const Sets<Input>& sets,
         const Arguments<Scalar>& args, int most_teams, Workspace<Space>& workspace) {
  const std::int64_t tasks = sets.support.x.extent[0];
  if (tasks == 0) return;
  const Storage storage = host_storage();
  const League league =
      gather<Scalar, Input>(storage, shape, options, tasks, most_teams, workspace);
  const Episodes<Scalar, Input> kernel{shape, options, sets, args, storage, league, tasks};
  Kokkos::parallel_for("theria::episode::run", Kokkos::TeamPolicy<Space>(space, league.size, 1),
                       kernel);
}

#define THERIA_INSTANTIATE(SCALAR, INPUT)                                                       \
  template int teams<SCALAR, INPUT>(const Storage&, const Shape&, const Options&, int);         \
  template std::size_t team_bytes<SCALAR, INPUT>(const Storage&, const Shape&, const Options&); \
  template void run(const OpenMP&, const Shape&, const Options&, const Sets<INPUT>&,            \
                    const Arguments<SCALAR>&, int, Workspace<OpenMP>&);
THERIA_INSTANTIATE(float, float)
THERIA_INSTANTIATE(float, BFloat16)
THERIA_INSTANTIATE(double, double)

}  // namespace theria::episode

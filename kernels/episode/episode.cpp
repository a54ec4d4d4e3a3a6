// SPDX-License-Identifier: Apache-2.0
#include "kernels/episode/episode.hpp"

#include <omp.h>

#include "kernels/episode/host/algebra.hpp"
#include "kernels/episode/task.hpp"

namespace theria::episode {
namespace {

/// A team per hardware thread, or fewer, and every so many-th task for each.
template <class Space, class Scalar>
struct Episodes {
  Shape shape;
  Options options;
  Arguments<Scalar> args;
  char* workspace;
  std::size_t team_bytes;
  std::int64_t tasks;

  void operator()(const typename Kokkos::TeamPolicy<Space>::member_type& team) const {
    const Desk<Scalar> desk(workspace + team.league_rank() * team_bytes, shape, options);
    for (std::int64_t n = team.league_rank(); n < tasks; n += team.league_size())
      run_task<host::Algebra<Scalar>>(shape, options, args, n, desk);
  }
};

}  // namespace

template <class Scalar>
int teams(const Shape& s, const Options& options, int tasks) {
  const int threads = Kokkos::is_initialized() ? OpenMP().concurrency() : omp_get_max_threads();
  const int most = std::min(tasks, threads);
  if (options.swept == 0) return most;
  const auto parameters = static_cast<double>(s.parameters());
  const double record = static_cast<double>(Desk<Scalar>(nullptr, s, options).record_bytes);
  const double fitting = tasks * (parameters * sizeof(Scalar) / record);
  return std::max(1, static_cast<int>(std::min<double>(most, fitting)));
}

template <class Scalar>
std::size_t team_bytes(const Shape& shape, const Options& options) {
  return Desk<Scalar>(nullptr, shape, options).bytes;
}

template <class Space, class Scalar>
void run(const Space& space, const Shape& shape, const Options& options,
         const Arguments<Scalar>& args, int most_teams, Workspace<Space>& workspace) {
  const std::int64_t tasks = args.support.x.extent[0];
  if (tasks == 0) return;
  const int league = static_cast<int>(std::min<std::int64_t>(tasks, most_teams));
  const std::size_t bytes = team_bytes<Scalar>(shape, options);
  workspace.rewind();
  workspace.reserve(bytes * league);
  const Episodes<Space, Scalar> kernel{
      shape, options, args, workspace.template take<char>(bytes * league), bytes, tasks};
  Kokkos::parallel_for("theria::episode::run", Kokkos::TeamPolicy<Space>(space, league, 1), kernel);
}

#define THERIA_INSTANTIATE(SCALAR)                                                              \
  template int teams<SCALAR>(const Shape&, const Options&, int);                                \
  template std::size_t team_bytes<SCALAR>(const Shape&, const Options&);                        \
  template void run(const OpenMP&, const Shape&, const Options&, const Arguments<SCALAR>&, int, \
                    Workspace<OpenMP>&);
THERIA_INSTANTIATE(float)
THERIA_INSTANTIATE(double)

}  // namespace theria::episode

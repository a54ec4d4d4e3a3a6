// SPDX-License-Identifier: Apache-2.0
#include "kernels/episode/episode.hpp"

#include <omp.h>

#include "kernels/episode/host/algebra.hpp"
#include "kernels/episode/task.hpp"

namespace theria::episode {
namespace {

constexpr int largest_width = 128, largest_tokens = 1024, largest_classes = 64, largest_set = 128;

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

std::string refusal(const Shape& s) {
  const auto above = [](const char* what, int value, int limit) {
    return std::string(what) + " " + std::to_string(value) + " is above " + std::to_string(limit);
  };
  if (s.width > largest_width) return above("model.width", s.width, largest_width);
  if (s.features > largest_width) return above("task.features", s.features, largest_width);
  if (s.tokens > largest_tokens) return above("task.tokens", s.tokens, largest_tokens);
  if (s.classes > largest_classes) return above("task.classes", s.classes, largest_classes);
  if (s.support > largest_set) return above("task.support", s.support, largest_set);
  if (s.query > largest_set) return above("task.query", s.query, largest_set);
  return {};
}

int teams(int tasks) {
  const int threads = Kokkos::is_initialized() ? OpenMP().concurrency() : omp_get_max_threads();
  return std::min(tasks, threads);
}

template <class Scalar>
std::size_t team_bytes(const Shape& shape, const Options& options) {
  return Desk<Scalar>(nullptr, shape, options).bytes;
}

template <class Space, class Scalar>
void run(const Space& space, const Shape& shape, const Options& options,
         const Arguments<Scalar>& args, Workspace<Space>& workspace) {
  const std::int64_t tasks = args.support.x.extent[0];
  if (tasks == 0) return;
  const int league = teams(static_cast<int>(tasks));
  const std::size_t bytes = team_bytes<Scalar>(shape, options);
  workspace.rewind();
  workspace.reserve(bytes * league);
  const Episodes<Space, Scalar> kernel{
      shape, options, args, workspace.template take<char>(bytes * league), bytes, tasks};
  Kokkos::parallel_for("theria::episode::run", Kokkos::TeamPolicy<Space>(space, league, 1), kernel);
}

#define THERIA_INSTANTIATE(SCALAR)                                                         \
  template std::size_t team_bytes<SCALAR>(const Shape&, const Options&);                   \
  template void run(const OpenMP&, const Shape&, const Options&, const Arguments<SCALAR>&, \
                    Workspace<OpenMP>&);
THERIA_INSTANTIATE(float)
THERIA_INSTANTIATE(double)

}  // namespace theria::episode

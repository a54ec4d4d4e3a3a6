// SPDX-License-Identifier: Apache-2.0
#include "src/bench/bench_meta.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "src/core/error.hpp"
#include "src/driver/on_place.hpp"
#include "src/driver/run.hpp"
#include "src/driver/runtime.hpp"
#include "src/meta/engine.hpp"
#include "src/meta/finite_tasks.hpp"
#include "src/meta/for_each_number.hpp"
#include "src/meta/modes.hpp"
#include "src/meta/pairwise_sum.hpp"
#include "src/models/initial_view.hpp"

namespace theria {
namespace {

bool is_tiny(const Deck& deck) { return deck.model.kind == ModelKind::tiny_attention; }

/// Tasks that the reference computes, too: of a larger model one takes long enough.
int compared_tasks(const Deck& deck) { return std::min(deck.meta.tasks, is_tiny(deck) ? 16 : 1); }

/// A set as doubles on the host.
template <class Space, class Scalar>
Batch<OpenMP, double> widened(const Batch<Space, Scalar>& set) {
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), set.x);
  const auto y = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), set.y);
  const auto target = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), set.target);
  Batch<OpenMP, double> wide;
  const int tasks = set.tasks();
  wide.x =
      ViewOn<double****, OpenMP>("theria::bench::x", tasks, x.extent(1), x.extent(2), x.extent(3));
  if (y.size() > 0) wide.y = ViewOn<std::int32_t**, OpenMP>("theria::bench::y", tasks, y.extent(1));
  if (target.size() > 0)
    wide.target = ViewOn<double***, OpenMP>("theria::bench::target", tasks, target.extent(1),
                                            target.extent(2));
  std::copy_n(x.data(), wide.x.size(), wide.x.data());
  std::copy_n(y.data(), wide.y.size(), wide.y.data());
  std::copy_n(target.data(), wide.target.size(), wide.target.data());
  return wide;
}

/// The deck in float64 on the host by the general engine, or where that is timed by the other; none where
/// there is no other.
std::optional<Deck> reference_deck(Deck deck, EngineKind timed) {
  const bool same = timed == EngineKind::general && deck.precision == Precision::float64 &&
                    deck.backend == Backend::openmp;
  deck.precision = Precision::float64;
  deck.backend = Backend::openmp;
  deck.meta.engine = same ? EngineKind::automatic : EngineKind::general;
  if (same && choose_engine(deck).kind == EngineKind::general) return std::nullopt;
  return deck;
}

/// ‖a − b‖ / ‖b‖ of the means over the rows of a and b.
template <class Space, class Scalar>
double relative_error(const Array<const Scalar, 2>& a, const Array<const double, 2>& b) {
  const ViewOn<Scalar**, Space> rows("theria::bench::rows", b.extent[0], b.extent[1]);
  for_each_number(
      "theria::bench::rows", Space{}, b.extent[0], b.extent[1],
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { rows(n, p) = a(n, p); });
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), rows);
  double square = 0, size = 0;
  for (std::int64_t p = 0; p < b.extent[1]; ++p) {
    double mean = 0, exact = 0;
    for (std::int64_t n = 0; n < b.extent[0]; ++n) {
      mean += static_cast<double>(host(n, p));
      exact += b(n, p);
    }
    square += (mean - exact) * (mean - exact);
    size += exact * exact;
  }
  return std::sqrt(square / size);
}

template <class Space, class Scalar>
MetaBenchResult bench_on(const Deck& deck, double seconds) {
  using Clock = std::chrono::steady_clock;
  const Space space{};
  const int tasks = deck.meta.tasks;
  const auto theta =
      initial_view<Space, Scalar>("theria::bench::theta", deck, learned_layout(deck));
  const auto size = static_cast<std::int64_t>(theta.extent(0));
  const EpisodeBatch<Space, Scalar> episodes(deck, tasks, input_type(deck));
  make_source<Space, Scalar>(deck, 0, input_type(deck))->fill(space, Split::training, 0, episodes);
  space.fence("theria::bench::episodes");

  const auto start = Clock::now();
  const auto engine = make_engine<Space, Scalar>(deck, tasks);
  PairwiseSum<Space, Scalar> sum(size, tasks, tasks);
  const ViewOn<Scalar*, Space> mean("theria::bench::mean", size);
  Array<Scalar, 2> gradients;
  const auto call = [&] {
    sum.clear();
    gradients = engine->gradient(space, theta, episodes, most_swept_steps(deck));
    sum.add(space, gradients);
    sum.mean(space, mean, tasks);
  };
  const auto wait = [&] { space.fence("theria::bench::wait"); };
  call();
  wait();
  const double first = std::chrono::duration<double, std::milli>(Clock::now() - start).count();

  const FiniteTasks<Space, Scalar> finite(tasks, size);
  const auto sound =
      finite.keep(space, Array<Scalar, 1>(engine->scores().query_loss_after), gradients);
  for (int n = 0; n < tasks; ++n)
    if (!sound[n])
      throw RunError("task " + std::to_string(n) +
                     " diverged: its loss or its meta-gradient is not finite, so that there is "
                     "nothing to time; a smaller inner.rate may help");

  MetaBenchResult result{.engine = choose_engine(deck),
                         .ms = time_calls(call, wait, seconds),
                         .first_ms = first,
                         .gflops = {},
                         .gigabytes_s = {},
                         .extra_bytes = 0,
                         .error = {},
                         .compared = compared_tasks(deck)};
  if (is_tiny(deck)) {
    result.gflops = meta_operations(deck) * tasks / result.ms.median * 1e-6;
    result.gigabytes_s = meta_bytes(deck) * tasks / result.ms.median * 1e-6;
  }
  const EngineBytes bytes = engine_bytes<Scalar>(deck, tasks);
  result.extra_bytes =
      bytes.sweep + bytes.workspace + PairwiseSum<Space, Scalar>::bytes(size, tasks, tasks);

  if (const auto wide = reference_deck(deck, result.engine.kind)) {
    const int compared = result.compared;
    EpisodeBatch<Space, Scalar> unrounded = episodes.part(0, compared);
    if (input_type(deck) != InputType::full) {
      unrounded = EpisodeBatch<Space, Scalar>(deck, compared);
      make_source<Space, Scalar>(deck)->fill(space, Split::training, 0, unrounded);
    }
    EpisodeBatch<OpenMP, double> exact_episodes;
    exact_episodes.support = widened(unrounded.support);
    exact_episodes.query = widened(unrounded.query);
    ViewOn<double*, OpenMP> exact_theta("theria::bench::theta", size);
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), theta);
    std::copy_n(host.data(), size, exact_theta.data());
    const auto exact_engine = make_engine<OpenMP, double>(*wide, compared);
    const auto exact =
        exact_engine->gradient(OpenMP(), exact_theta, exact_episodes, most_swept_steps(deck));
    OpenMP().fence("theria::bench::exact");
    result.error = relative_error<Space, Scalar>(Array<const Scalar, 2>(gradients),
                                                 Array<const double, 2>(exact));
  }
  return result;
}

}  // namespace

double meta_operations(const Deck& deck) {
  const double t = deck.task.tokens, f = deck.task.features, d = deck.model.width;
  const double c = deck.task.classes, embedding = deck.task.features == deck.model.width ? 0 : 1;
  // Of B samples: projections, four uses of their tokens, the classifier; of the task: A and its kin.
  const auto gradient = [&](double b) {
    return b * (10 * d * d + 8 * t * f + 6 * c * f) + 6 * c * d * d +
           embedding * (b * (2 * d * d + 10 * d * f) + 6 * c * d * f);
  };
  const auto product = [&](double b) {
    return b * (16 * d * d + 8 * t * f + 12 * c * f) + 12 * c * d * d +
           embedding * (b * (8 * d * d + 18 * d * f) + 12 * c * d * f);
  };
  return deck.inner.steps * gradient(deck.task.support) + gradient(deck.task.query) +
         most_swept_steps(deck) * product(deck.task.support);
}

double meta_bytes(const Deck& deck) {
  const double number = deck.precision == Precision::float64      ? 8
                        : input_type(deck) == InputType::bfloat16 ? 2
                                                                  : 4;
  const double sequence = number * deck.task.tokens * deck.task.features;
  return sequence *
         (double(deck.inner.steps + most_swept_steps(deck)) * deck.task.support + deck.task.query);
}

void check_meta_bench(const Deck& deck) {
  const RunPlan needed = plan(deck);
  const std::size_t bytes = needed.device_bytes(), present = memory_bytes(deck.backend);
  if (bytes <= present) return;
  throw UserError("bench meta of " + std::to_string(deck.meta.tasks) + " tasks and " +
                  std::to_string(deck.inner.steps) + " steps takes " + std::to_string(bytes >> 20) +
                  " MiB, there are " + std::to_string(present >> 20));
}

Peak meta_peak(const Deck& deck) {
  return on_place(deck, [&]<class Space, class Scalar>() { return measure_peak<Space, Scalar>(); });
}

MetaBenchResult bench_meta(const Deck& deck, double seconds) {
  return on_place(
      deck, [&]<class Space, class Scalar>() { return bench_on<Space, Scalar>(deck, seconds); });
}

}  // namespace theria

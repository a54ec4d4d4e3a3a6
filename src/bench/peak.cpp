// SPDX-License-Identifier: Apache-2.0
#include "src/bench/peak.hpp"

#include <cstdint>

#include "kernels/core/spaces.hpp"
#include "kernels/tile/cuda/instructions.hpp"
#include "kernels/tile/host/product.hpp"
#include "src/bench/timing.hpp"

namespace theria {
namespace {

/// Every thread: chains of x = x a + b that do not wait for one another, enough of them for the latency of one.
template <class Space, class Scalar>
struct Chains {
  static constexpr int chains = 8, lanes = 1, threads_each = 2, rounds = 1 << 12;
  ViewOn<Scalar*, Space> sum;

  KOKKOS_FUNCTION void operator()(int thread) const {
    Scalar x[chains], total = 0;
    const Scalar a = Scalar(0.5), b = static_cast<Scalar>(thread);
    THERIA_UNROLL
    for (int i = 0; i < chains; ++i) x[i] = static_cast<Scalar>(i);
    for (int round = 0; round < rounds; ++round) {
      THERIA_UNROLL
      for (int i = 0; i < chains; ++i) x[i] = x[i] * a + b;
    }
    THERIA_UNROLL
    for (int i = 0; i < chains; ++i) total += x[i];
    sum(thread) = total;
  }
};

template <class Scalar>
struct Chains<OpenMP, Scalar> {
  using Vector = tile::host::Vector<Scalar>;
  static constexpr int chains = 12, lanes = static_cast<int>(Vector::size()), threads_each = 1;
  static constexpr int rounds = 1 << 17;
  ViewOn<Scalar*, OpenMP> sum;

  void operator()(int thread) const {
    using tile::host::unrolled;
    Vector x[chains];
    const Vector a(Scalar(0.5)), b(static_cast<Scalar>(thread));
    unrolled<chains>([&]<int i>() THERIA_INLINE { x[i] = Vector(static_cast<Scalar>(i)); });
    for (int round = 0; round < rounds; ++round)
      unrolled<chains>([&]<int i>() THERIA_INLINE { x[i] = Kokkos::fma(x[i], a, b); });
    Vector total(Scalar(0));
    unrolled<chains>([&]<int i>() THERIA_INLINE { total = total + x[i]; });
    Scalar each[lanes];
    total.copy_to(each, tile::host::unaligned);
    sum(thread) = each[0];
  }
};

/// Milliseconds of one call, of many a good one.
template <class Space, class Range, class Function>
double best_ms(const Space& space, const char* name, const Range& range, const Function& f) {
  return time_calls([&] { Kokkos::parallel_for(name, range, f); },
                    [&] { space.fence("theria::bench::peak"); }, 0.1)
      .lower;
}

}  // namespace

template <class Space, class Scalar>
Peak measure_peak() {
  using Work = Chains<Space, Scalar>;
  const Space space{};
  const int threads = space.concurrency() * Work::threads_each;
  const Work work{ViewOn<Scalar*, Space>("theria::bench::peak", threads)};
  const double operations = 2.0 * Work::chains * Work::lanes * Work::rounds * threads;
  const double flops_ms =
      best_ms(space, "theria::bench::peak", Kokkos::RangePolicy<Space>(space, 0, threads), work);

  constexpr std::int64_t numbers = 32 << 20;
  const ViewOn<double*, Space> from("theria::bench::from", numbers);
  const ViewOn<double*, Space> to("theria::bench::to", numbers);
  const double copy_ms = best_ms(
      space, "theria::bench::copy",
      Kokkos::RangePolicy<Space, Kokkos::IndexType<std::int64_t>>(space, 0, numbers),
      KOKKOS_LAMBDA(std::int64_t i) { to(i) = from(i); });
  return {.gflops = operations / flops_ms * 1e-6,
          .gigabytes_s = 2.0 * sizeof(double) * static_cast<double>(numbers) / copy_ms * 1e-6};
}

#define THERIA_INSTANTIATE(SPACE)             \
  template Peak measure_peak<SPACE, float>(); \
  template Peak measure_peak<SPACE, double>();
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

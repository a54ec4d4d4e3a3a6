// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/sdpa/statistics.hpp"

namespace theria::sdpa {

/// The statistics of the VJP's rows from what the forward operator saved: shift = lse, and
/// δ_i = Σ_d dO_id O_id, zero for a row that sees no key. One warp a row.
template <class Space, class Element>
struct StatisticsKernel {
  using Scalar = ScalarOf<Element>;
  Problem<Scalar> problem;
  Array<const Element, 4> d_o, o;
  Array<const Scalar, 3> lse;
  StatisticsField<Scalar> statistics;

  static constexpr int rows_a_team = 8;

  void run(const std::string& label, const Space& space) const {
    const std::int64_t rows = std::int64_t(problem.b) * problem.h * problem.tq;
    if (rows == 0) return;
    const std::int64_t league = (rows + rows_a_team - 1) / rows_a_team;
    tile::require_countable(label, league);
    constexpr int threads = tile::Machine<Space>::threads;
    Kokkos::parallel_for(label,
                         Kokkos::TeamPolicy<Space>(space, static_cast<int>(league),
                                                   threads == 1 ? 1 : rows_a_team, threads),
                         *this);
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const std::int64_t rows = std::int64_t(problem.b) * problem.h * problem.tq;
    const std::int64_t first = std::int64_t(team.league_rank()) * rows_a_team;
    Kokkos::parallel_for(Kokkos::TeamThreadRange(team, rows_a_team), [&](int n) {
      const std::int64_t row = first + n;
      if (row >= rows) return;
      const int i = static_cast<int>(row % problem.tq);
      const int h = static_cast<int>(row / problem.tq % problem.h);
      const int b = static_cast<int>(row / problem.tq / problem.h);
      RowStatistics<Scalar> out = RowStatistics<Scalar>::unseen();
      if (lse(b, h, i) != minus_infinity<Scalar>) {
        out = {.shift = lse(b, h, i), .delta = 0, .weight = 1};
        using Sum = DeltaSum<Space, Scalar>;
        Sum delta = 0;
        Kokkos::parallel_reduce(
            Kokkos::ThreadVectorRange(team, problem.dv),
            [&](int d, Sum& sum) {
              sum = Kokkos::fma(Sum(d_o(b, h, i, d)), Sum(o(b, h, i, d)), sum);
            },
            delta);
        out.delta = static_cast<Scalar>(delta);
      }
      Kokkos::single(Kokkos::PerThread(team), [&] { statistics(b, h, i) = out; });
    });
  }
};

}  // namespace theria::sdpa

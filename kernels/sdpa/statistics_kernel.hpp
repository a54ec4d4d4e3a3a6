// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"
#include "kernels/sdpa/statistics.hpp"
#include "kernels/tile/eight.hpp"

namespace theria::sdpa {

/// The statistics of the VJP's rows from what the forward operator saved: shift = lse, and
/// δ_i = Σ_d dO_id O_id, zero for a row that sees no key. On CUDA eight threads a row.
template <class Space, class Element>
struct StatisticsKernel {
  using Scalar = ScalarOf<Element>;
  Problem<Scalar> problem;
  Array<const Element, 4> d_o, o;
  Array<const Scalar, 3> lse;
  StatisticsField<Scalar> statistics;

  static constexpr bool on_host = tile::Machine<Space>::threads == 1;
  static constexpr int lanes = on_host ? 1 : 8, rows_a_team = 256 / lanes;

  void run(const std::string& label, const Space& space) const {
    const std::int64_t rows = std::int64_t(problem.b) * problem.h * problem.tq;
    if (rows == 0) return;
    const std::int64_t league = (rows + rows_a_team - 1) / rows_a_team;
    Kokkos::parallel_for(label,
                         Kokkos::TeamPolicy<Space>(space, tile::countable(label, league),
                                                   on_host ? 1 : rows_a_team, lanes),
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
        out.shift = lse(b, h, i);
        using Sum = DeltaSum<Space, Scalar>;
        Sum delta = 0;
        Kokkos::parallel_reduce(
            Kokkos::ThreadVectorRange(team, (problem.dv + 7) / 8),
            [&](int piece, Sum& sum) {
              Scalar x[1][8], y[1][8];
              const auto this_row = [](int) { return 0; };
              const auto col = [&](int) { return 8 * piece; };
              const auto cols = [&](int) { return problem.dv; };
              tile::read_eights(x, d_o, d_o.offset(b, h, i, 0), this_row, col, cols);
              tile::read_eights(y, o, o.offset(b, h, i, 0), this_row, col, cols);
              THERIA_UNROLL
              for (int d = 0; d < 8; ++d) sum = Kokkos::fma(Sum(x[0][d]), Sum(y[0][d]), sum);
            },
            delta);
        out.delta = static_cast<Scalar>(delta);
      }
      Kokkos::single(Kokkos::PerThread(team), [&] { statistics(b, h, i) = out; });
    });
  }
};

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/fragment.hpp"
#include "kernels/tile/machine.hpp"

namespace theria::tile {

struct Sum {
  template <class T>
  KOKKOS_INLINE_FUNCTION T operator()(T x, T y) const {
    return x + y;
  }
};
struct Max {
  template <class T>
  KOKKOS_INLINE_FUNCTION T operator()(T x, T y) const {
    KOKKOS_IF_ON_DEVICE((return Kokkos::fmax(x, y);))
    KOKKOS_IF_ON_HOST((return y > x ? y : x;))
  }
};

/// Makes of every thread's share of its rows the whole, by one op in an order that depends on the plan
/// alone; every thread that sees a row gets its result. `exchange`: rows x across Scalars of scratch, used
/// where several warps share a row; team barriers then stand before and after its use.
template <class Places, class Op, class Plan, class Scalar, class Team>
KOKKOS_INLINE_FUNCTION void gather_rows([[maybe_unused]] const Team& team,
                                        [[maybe_unused]] Scalar* exchange,
                                        [[maybe_unused]] Rows<Plan, Scalar>& rows) {
  if constexpr (Machine<typename Plan::Space>::threads > 1) {
    const Op op;
    THERIA_UNROLL
    for (int n = 0; n < 4; ++n)
      rows(n % 2) = op(rows(n % 2), cuda::shuffle_xor(rows(n % 2), 1 + n / 2));
    if constexpr (Places::across > 1) {
      const int w = cuda::warp() % Plan::across;
      team.team_barrier();
      THERIA_UNROLL
      for (int r = 0; r < 2; ++r)
        if (cuda::lane() % 4 == 0 && w < Places::across)
          exchange[w * Plan::rows + Places::row_of(r)] = rows(r);
      team.team_barrier();
      THERIA_UNROLL
      for (int r = 0; r < 2; ++r) {
        rows(r) = exchange[Places::row_of(r)];
        for (int other = 1; other < Places::across; ++other)
          rows(r) = op(rows(r), exchange[other * Plan::rows + Places::row_of(r)]);
      }
    }
  }
}

/// One op over each row of f(place), on top of what is in `result`.
template <class Places, class Op, class Plan, class Scalar, class Team, class Function>
KOKKOS_INLINE_FUNCTION void reduce_rows(const Team& team, Scalar* exchange, int m, int n,
                                        const Function& f, Rows<Plan, Scalar>& result) {
  const Op op;
  for_each_place<Places>(m, n, [&](Place at) { result(at.row) = op(result(at.row), f(at)); });
  gather_rows<Places, Op>(team, exchange, result);
}

template <class Places, class Plan, class Scalar, class Team, class Function>
KOKKOS_INLINE_FUNCTION Rows<Plan, Scalar> row_sum(const Team& team, Scalar* exchange, int m, int n,
                                                  const Function& f) {
  Rows<Plan, Scalar> result;
  result.fill(Scalar(0));
  reduce_rows<Places, Sum>(team, exchange, m, n, f, result);
  return result;
}

/// The largest of `least` and the row; NaN is passed over.
template <class Places, class Plan, class Scalar, class Team, class Function>
KOKKOS_INLINE_FUNCTION Rows<Plan, Scalar> row_max(const Team& team, Scalar* exchange, int m, int n,
                                                  const Function& f, Scalar least) {
  Rows<Plan, Scalar> result;
  result.fill(least);
  reduce_rows<Places, Max>(team, exchange, m, n, f, result);
  return result;
}

}  // namespace theria::tile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/problem.hpp"
#include "kernels/tile/operand.hpp"

namespace theria::sdpa {

/// The keys [0, end) of one (b, h) and their values, as they pass by a team that owns queries.
template <class Plan, class Source>
struct KeyTiles {
  tile::Stream<Plan> k, v;
  Source k_source, v_source;
  tile::Window rows;
  int end;

  template <class Scalar>
  KOKKOS_INLINE_FUNCTION KeyTiles(char*& arena, const Problem<Scalar>& problem, const Source& k_,
                                  const Source& v_, int b, int h, int end_)
      : k(arena),
        v(arena),
        k_source(k_.select(b, h, problem.h)),
        v_source(v_.select(b, h, problem.h)),
        rows(problem.window(b, tile::Axis::keys)),
        end(end_) {}

  /// How many keys the tile from j0 on has.
  KOKKOS_INLINE_FUNCTION int count(int j0) const {
    return end - j0 < Plan::cols ? end - j0 : Plan::cols;
  }
  /// Starts to load the tile from j0 on, if there is one; complete after `arrive`.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void load(const Team& team, int j0) {
    if (j0 >= end) return;
    k.load(team, k_source, rows.at(j0));
    v.load(team, v_source, rows.at(j0));
  }
};

}  // namespace theria::sdpa

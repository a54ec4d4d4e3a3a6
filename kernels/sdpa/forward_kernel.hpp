// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/key_tiles.hpp"
#include "kernels/sdpa/row_softmax.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/mma.hpp"

namespace theria::sdpa {

/// One team: one tile of query rows of one (b, h), all keys, online softmax.
/// Where tensors hold Stored = Element this is the forward operator, with Dual<Element> the JVP:
///
///     (1) S = scale·Q Kᵀ + bias   (2) P̃ = exp(S − shift)   (3) l = Σ_j P̃   (4) O = P̃ V / l
///     lse = shift + log l
template <class Space, class Stored, int Depth>
struct ForwardKernel {
  using Number = ArithmeticOf<Stored>;
  using Scalar = ScalarOf<Stored>;
  using Plan = tile::Plan<Space, Stored, Depth, 1, 1, 2, 1>;
  using Output = tile::Accumulator<Plan>;
  using ScoreFragment = tile::ScoreFragment<Plan>;
  using Exchange = tile::ScratchArray<Scalar, Plan::rows * Plan::across>;
  static constexpr int rows = Plan::rows, cols = Plan::cols;
  static constexpr std::size_t scratch =
      tile::scratch_request(tile::Own<Plan>::bytes + 2 * tile::Stream<Plan>::bytes +
                                tile::ScoreOperand<Plan>::bytes + Exchange::bytes,
                            Plan::alignment);

  Problem<Scalar> problem;
  tile::Source<Space, Stored> q, k, v;
  Operand<Stored> bias;
  Result<Stored> o;
  RowField<Number> lse;

  std::int64_t league() const { return OwnedTile::league(problem, problem.tq, rows); }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const OwnedTile own(problem.h, problem.tq, rows, team.league_rank());
    const int b = own.b, h = own.h, i0 = own.first, m = own.count;
    const Visibility sees = problem.visibility(b);
    const Scores<Space, Stored> score{problem, bias, sees, b, h};

    char* arena = tile::arena_of<Space, Plan::alignment>(team, scratch);
    tile::Own<Plan> q_tile(arena);
    KeyTiles<Plan, tile::Source<Space, Stored>> keys(arena, problem, k, v, b, h,
                                                     sees.limit(i0 + m - 1));
    tile::ScoreOperand<Plan> p(arena);
    const Exchange exchange(arena);

    q_tile.load(team, q.select(b, h, problem.h), problem.window(b, tile::Axis::queries).at(i0));
    q_tile.take_factor(problem.scale);
    RowSoftmax<Plan> softmax;
    Output output;
    output.clear(m, problem.dv);
    output.without_unit();

    keys.load(team, 0);
    for (int j0 = 0; j0 < keys.end; j0 += cols) {
      const int n = keys.count(j0);
      tile::arrive<Plan>(team);
      const auto k_tile = keys.k.loaded, v_tile = keys.v.loaded;
      if constexpr (Plan::stages == 2) keys.load(team, j0 + cols);

      // (1)
      ScoreFragment s;
      tile::begin_multiply(s, q_tile, k_tile, {m, n, problem.d});
      tile::finish_multiply(s);
      const bool plain =
          score.finish(s, i0, j0, m, n, tile::are_below(score.small, s, q_tile, k_tile));
      // (2) and (3) with the new shift; what was summed so far is rescaled to it
      tile::Rows<Plan, Number> rescale;
      const Scalar room = tile::make_room(output, v_tile);
      softmax.update(team, s, exchange.data, m, n, rescale, room, plain);
      p.store(team, s, softmax.range, m, n);
      // (4); where no row has a new maximum there is nothing to rescale
      if (softmax.moved(rescale, m))
        tile::for_each_place<typename Output::Places>(
            m, problem.dv, [&](tile::Place at) { output.multiply(at.n, rescale(at.row)); });
      tile::rows_arrive<Plan>(team);
      tile::add_product(output, p, v_tile, {m, problem.dv, n});
      if constexpr (Plan::stages == 1) {
        team.team_barrier();
        keys.load(team, j0 + cols);
      }
    }

    softmax.finish(team, exchange.data, m);
    const auto& sum = softmax.sum;
    tile::Rows<Plan, Number> inverse;
    tile::for_each_row<Plan>(m, [&](int r, int) {
      inverse(r) = value_of(sum(r)) == Scalar(0) ? Number{} : Number(Scalar(1)) / sum(r);
    });
    tile::for_each_place<typename Output::Places>(m, problem.dv, [&](tile::Place at) {
      output.set(at.n, output.get(at.n) * inverse(at.row));
    });
    output.made();
    tile::store(o.slice(b, h), output, Scalar(1), {i0, m, problem.dv});
    tile::for_each_owned_row<Plan>(m, [&](int r, int i) {
      const bool empty = value_of(sum(r)) == Scalar(0);
      if (i < m)
        lse.set(b, h, i0 + i, empty ? Scores<Space, Stored>::masked() : softmax.log_sum(r));
    });
  }
};

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/row_softmax.hpp"
#include "kernels/sdpa/statistics.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/mma.hpp"

namespace theria::sdpa {

/// One team: one tile of query rows of one (b, h), all keys, online softmax.
/// Where tensors hold Stored = Element this is the forward operator, with Dual<Element> the JVP:
///
///     (1) S = scale·Q Kᵀ + bias   (2) P̃ = exp(S − shift)   (3) l = Σ_j P̃   (4) O = P̃ V / l
///     lse = shift + log l
///
/// Where `statistics` is given the JVP also writes what the HVP needs of a row, δ = rowsum(dO∘O) included.
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
                            tile::ScoreOperand<Plan>::bytes + Exchange::bytes);

  Problem<Scalar> problem;
  tile::Source<Space, Stored> q, k, v;
  Operand<Stored> bias, d_o;
  Result<Stored> o;
  RowField<Number> lse;
  StatisticsField<Number> statistics;

  std::int64_t league() const {
    return std::int64_t(problem.b) * problem.h * ((problem.tq + rows - 1) / rows);
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    const int tiles = (problem.tq + rows - 1) / rows;
    const int bh = team.league_rank() / tiles, b = bh / problem.h, h = bh % problem.h;
    const int i0 = team.league_rank() % tiles * rows;
    const int m = problem.tq - i0 < rows ? problem.tq - i0 : rows;
    const Visibility sees = problem.visibility(b);
    const Scores<Stored> score{problem, bias, sees, b, h};

    char* arena = tile::arena_of<Space>(team, scratch);
    tile::Own<Plan> q_tile(arena);
    const tile::Stream<Plan> k_tiles(arena), v_tiles(arena);
    tile::ScoreOperand<Plan> p(arena);
    const Exchange exchange(arena);

    q_tile.load(team, q.select(b, h, problem.h), problem.window(b, tile::Axis::queries).at(i0));
    const auto k_source = k.select(b, h, problem.h), v_source = v.select(b, h, problem.h);
    const tile::Window key_rows = problem.window(b, tile::Axis::keys);
    RowSoftmax<Plan> softmax;
    Output output;
    output.clear(m, problem.dv);

    const int keys = sees.limit(i0 + m - 1);
    const auto load = [&](int j0) {
      if (j0 >= keys) return;
      k_tiles.load(team, k_source, key_rows.at(j0));
      v_tiles.load(team, v_source, key_rows.at(j0));
    };
    load(0);
    for (int j0 = 0; j0 < keys; j0 += cols) {
      const int n = keys - j0 < cols ? keys - j0 : cols;
      tile::arrive<Plan>(team);
      if constexpr (Plan::stages == 2) load(j0 + cols);
      const auto k_tile = k_tiles.at(k_source, key_rows.at(j0)),
                 v_tile = v_tiles.at(v_source, key_rows.at(j0));

      // (1)
      ScoreFragment s;
      s.clear(m, n);
      tile::mma<tile::Form::nt>(s, q_tile, k_tile, {m, n, problem.d});
      if (score.plain(i0, j0, cols)) {
        tile::for_each_place<typename ScoreFragment::Places>(
            m, n, [&](tile::Place at) { s.set(at.n, score.unmasked(s.get(at.n))); });
      } else {
        tile::for_each_place<typename ScoreFragment::Places>(
            m, n, [&](tile::Place at) { s.set(at.n, score(s.get(at.n), i0 + at.i, j0 + at.j)); });
      }
      // (2) and (3) with the new shift; what was summed so far is rescaled to it
      tile::Rows<Plan, Number> rescale;
      softmax.update(team, s, exchange.data, m, n, rescale);
      p.store(team, s, tile::Range::unit, m, n);
      // (4); where no row has a new maximum there is nothing to rescale
      if (softmax.moved(rescale, m))
        tile::for_each_place<typename Output::Places>(m, problem.dv, [&](tile::Place at) {
          output.set(at.n, output.get(at.n) * rescale(at.row));
        });
      tile::rows_arrive<Plan>(team);
      tile::mma<tile::Form::nn>(output, p, v_tile, {m, problem.dv, n});
      if constexpr (Plan::stages == 1) {
        team.team_barrier();
        load(j0 + cols);
      }
    }

    softmax.finish(team, exchange.data, m);
    const auto& sum = softmax.sum;
    tile::for_each_place<typename Output::Places>(m, problem.dv, [&](tile::Place at) {
      const bool empty = value_of(sum(at.row)) == Scalar(0);
      output.set(at.n, empty ? Number{} : output.get(at.n) / sum(at.row));
    });
    tile::store(o.slice(b, h), output, Scalar(1), {i0, m, problem.dv});
    tile::for_each_owned_row<Plan>(m, [&](int r, int i) {
      const bool empty = value_of(sum(r)) == Scalar(0);
      if (i < m)
        lse.set(b, h, i0 + i, empty ? Scores<Stored>::masked() : softmax.shift(r) + log(sum(r)));
    });
    if constexpr (is_dual<Number>)
      if (statistics.data != nullptr)
        write_statistics(team, output, softmax, exchange, b, h, i0, m);
  }

 private:
  KOKKOS_INLINE_FUNCTION void write_statistics(const tile::Member<Space>& team,
                                               const Output& output,
                                               const RowSoftmax<Plan>& softmax,
                                               const Exchange& exchange, int b, int h, int i0,
                                               int m) const {
    using Places = typename Output::Places;
    Output cotangent;
    cotangent.clear(m, problem.dv);
    tile::load(cotangent, d_o.slice(b, h), {i0, m, problem.dv});
    using Sum = DeltaSum<Space, Scalar>;
    Sum* shared = nullptr;  // one thread, which is where Sum is another type, exchanges nothing
    if constexpr (std::is_same_v<Sum, Scalar>) shared = exchange.data;
    const auto term = [&](tile::Place at) {
      const Number x = cotangent.get(at.n), y = output.get(at.n);
      const bool empty = value_of(softmax.sum(at.row)) == Scalar(0);
      return empty ? Dual<Sum>{}
                   : Dual<Sum>{Sum(x.value), Sum(x.tangent)} *
                         Dual<Sum>{Sum(y.value), Sum(y.tangent)};
    };
    const auto value = tile::row_sum<Places, Plan>(team, shared, m, problem.dv,
                                                   [&](tile::Place at) { return term(at).value; });
    const auto tangent = tile::row_sum<Places, Plan>(
        team, shared, m, problem.dv, [&](tile::Place at) { return term(at).tangent; });
    tile::for_each_owned_row<Plan>(m, [&](int r, int i) {
      if (i >= m) return;
      const Number sum = softmax.sum(r);
      RowStatistics<Number> row = RowStatistics<Number>::unseen();
      if (sum.value != Scalar(0)) {
        row.shift = softmax.shift(r) + Number{0, sum.tangent / sum.value};
        row.weight = 1 / sum.value;
        row.delta = {static_cast<Scalar>(value(r)), static_cast<Scalar>(tangent(r))};
      }
      statistics(b, h, i0 + i) = row;
    });
  }
};

}  // namespace theria::sdpa

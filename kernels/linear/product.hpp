// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"
#include "kernels/tile/fragment.hpp"
#include "kernels/tile/host/product.hpp"
#include "kernels/tile/launch.hpp"

namespace theria::linear {

/// C = op(A) op(B), or C += op(A) op(B), for every task n; `form` says which operand is transposed.
/// One team: a tile of one task's C. The sum over k runs in a fixed order that depends on the
/// shapes of one task alone.
template <class Space_, class Scalar, tile::Form form>
struct ProductKernel {
  /// What tile::launch wants to know of a team.
  struct Plan {
    using Space = Space_;
    static constexpr bool on_host = tile::Machine<Space>::threads == 1;
    static constexpr int warps = on_host ? 1 : 4;
    static constexpr tile::Tiling tiling{
        .rows = 32, .cols = 32, .down = 1, .across = 1, .least_cols = 1, .teams = 1};
  };
  static constexpr bool on_host = Plan::on_host;
  static constexpr int rows = 32, cols = on_host ? 64 : 32;
  static constexpr int chunk = cols;  // of the sum
  static constexpr bool a_transposed = form == tile::Form::tn,
                        b_transposed = form == tile::Form::nt;
  static constexpr int pad = on_host ? 0 : 1;  // an odd row length: no bank conflicts in a column
  using TileA =
      tile::host::Block<Scalar, a_transposed ? chunk : rows, (a_transposed ? rows : chunk) + pad>;
  using TileB = tile::host::Block<Scalar, cols, cols + pad>;
  static constexpr std::size_t scratch = tile::scratch_request(
      sizeof(Scalar) * (TileA::rows * TileA::cols + TileB::rows * TileB::cols));
  static constexpr int own = rows * cols / (on_host ? 1 : 32 * Plan::warps);

  Array<const Scalar, 3> a, b;
  Array<Scalar, 3> c;  // (n,m,n)
  Write write;

  KOKKOS_INLINE_FUNCTION int row_tiles() const {
    return static_cast<int>((c.extent[1] + rows - 1) / rows);
  }
  KOKKOS_INLINE_FUNCTION int col_tiles() const {
    return static_cast<int>((c.extent[2] + cols - 1) / cols);
  }
  std::int64_t league() const { return c.extent[0] * row_tiles() * col_tiles(); }

  /// The tile's rows and columns from (i0, j0) of task's x; zero outside m x n.
  template <class Tile>
  KOKKOS_INLINE_FUNCTION static void load(const Tile& tile, const Array<const Scalar, 3>& x,
                                          int task, int i0, int j0, int m, int n) {
    if constexpr (on_host) {
      for (int i = 0; i < Tile::rows; ++i) {
        Scalar* const row = tile.data + i * Tile::cols;
        const int given = i < m ? n : 0;
        const Scalar* const from = given > 0 ? &x(task, i0 + i, j0) : nullptr;
        for (int j = 0; j < given; ++j) row[j] = from[j * x.stride[2]];
        for (int j = given; j < Tile::cols; ++j) row[j] = Scalar(0);
      }
    } else {
      tile::for_each_of_team<Plan>(Tile::rows * Tile::cols, [&](int e) {
        const int i = e / Tile::cols, j = e % Tile::cols;
        tile.data[e] = i < m && j < n ? x(task, i0 + i, j0 + j) : Scalar(0);
      });
    }
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space_>& team) const {
    const int task = team.league_rank() / (row_tiles() * col_tiles());
    const int i0 = team.league_rank() / col_tiles() % row_tiles() * rows;
    const int j0 = team.league_rank() % col_tiles() * cols;
    const int height = static_cast<int>(c.extent[1]), width = static_cast<int>(c.extent[2]);
    const int length = static_cast<int>(a.extent[a_transposed ? 1 : 2]);
    const int m = height - i0 < rows ? height - i0 : rows;
    const int n = width - j0 < cols ? width - j0 : cols;

    Scalar* const arena = reinterpret_cast<Scalar*>(tile::arena_of<Space_>(team, scratch));
    const TileA a_tile{arena};
    const TileB b_tile{arena + TileA::rows * TileA::cols};
    Scalar sum[own] = {};
    for (int p0 = 0; p0 < length; p0 += chunk) {
      const int k = length - p0 < chunk ? length - p0 : chunk;
      if constexpr (a_transposed) {
        load(a_tile, a, task, p0, i0, k, m);
      } else {
        load(a_tile, a, task, i0, p0, m, k);
      }
      if constexpr (b_transposed) {
        load(b_tile, b, task, j0, p0, n, k);
      } else {
        load(b_tile, b, task, p0, j0, k, n);
      }
      team.team_barrier();
      add_product(sum, a_tile, b_tile, {m, n, k});
      team.team_barrier();
    }
    for_each_owned([&](int i, int j, int e) {
      if (i >= m || j >= n) return;
      Scalar& to = c(task, i0 + i, j0 + j);
      to = write == Write::accumulate ? to + sum[e] : sum[e];
    });
  }

 private:
  /// f(i, j, e) for every element of the sum that this thread holds, e its place.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void for_each_owned(const Function& f) {
    int e = 0;
    tile::for_each_of_team<Plan>(rows * cols, [&](int at) { f(at / cols, at % cols, e++); });
  }

  KOKKOS_INLINE_FUNCTION static void add_product(Scalar (&sum)[own], const TileA& a_tile,
                                                 const TileB& b_tile, tile::Extent extent) {
    if constexpr (on_host) {
      KOKKOS_IF_ON_HOST((tile::host::product<form, Scalar>(
                             tile::host::Block<Scalar, rows, cols>{sum}, a_tile, b_tile, extent);))
    } else {
      for_each_owned([&](int i, int j, int e) {
        if (i >= extent.m || j >= extent.n) return;
        for (int p = 0; p < extent.k; ++p) {
          const Scalar left = a_tile.data[a_transposed ? p * TileA::cols + i : i * TileA::cols + p];
          const Scalar right =
              b_tile.data[b_transposed ? j * TileB::cols + p : p * TileB::cols + j];
          sum[e] += left * right;
        }
      });
    }
  }
};

template <tile::Form form, class Space, class Scalar>
void product(const std::string& label, const Space& space, const Array<const Scalar, 3>& a,
             const Array<const Scalar, 3>& b, const Array<Scalar, 3>& c, Write write) {
  tile::launch(label, space, ProductKernel<Space, Scalar, form>{a, b, c, write});
}

/// y(n,r,:) += b(n,:)
template <class Space, class Scalar>
void add_rows(const std::string& label, const Space& space, const Array<const Scalar, 2>& b,
              const Array<Scalar, 3>& y) {
  Kokkos::parallel_for(
      label,
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<3>>(space, {0, 0, 0},
                                                    {y.extent[0], y.extent[1], y.extent[2]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) { y(n, r, c) += b(n, c); });
}

/// sum(n,c) = Σ_r y(n,r,c), in order of r.
template <class Space, class Scalar>
void sum_rows(const std::string& label, const Space& space, const Array<const Scalar, 3>& y,
              const Array<Scalar, 2>& sum) {
  Kokkos::parallel_for(
      label,
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {y.extent[0], y.extent[2]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t c) {
        Scalar total = 0;
        for (std::int64_t r = 0; r < y.extent[1]; ++r) total += y(n, r, c);
        sum(n, c) = total;
      });
}

}  // namespace theria::linear

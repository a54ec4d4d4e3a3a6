// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/arguments.hpp"
#include "kernels/tile/fragment.hpp"
#include "kernels/tile/host/product.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/scratch.hpp"

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
    static constexpr struct { int teams; } tiling{1};
  };
  static constexpr bool on_host = Plan::on_host;
  static constexpr int rows = on_host ? 64 : 32, cols = rows;
  static constexpr int chunk = cols;                       // of the sum
  static constexpr int pitch = on_host ? cols : cols + 1;  // odd: no bank conflicts in a column
  using Tile = tile::ScratchArray<Scalar, rows * pitch>;
  static constexpr std::size_t scratch = tile::scratch_request(2 * Tile::bytes);
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

  KOKKOS_FUNCTION void operator()(const tile::Member<Space_>& team) const {
    constexpr bool a_transposed = form == tile::Form::tn, b_transposed = form == tile::Form::nt;
    const int task = team.league_rank() / (row_tiles() * col_tiles());
    const int i0 = team.league_rank() / col_tiles() % row_tiles() * rows;
    const int j0 = team.league_rank() % col_tiles() * cols;
    const int height = static_cast<int>(c.extent[1]), width = static_cast<int>(c.extent[2]);
    const int length = static_cast<int>(a.extent[a_transposed ? 1 : 2]);
    const int m = height - i0 < rows ? height - i0 : rows;
    const int n = width - j0 < cols ? width - j0 : cols;

    char* arena = tile::arena_of<Space_>(team, scratch);
    const Tile a_tile(arena), b_tile(arena);
    Scalar sum[own];
    for_each_owned(m, cols, [&](int, int, int e) { sum[e] = Scalar(0); });
    for (int p0 = 0; p0 < length; p0 += chunk) {
      const int k = length - p0 < chunk ? length - p0 : chunk;
      load<a_transposed>(a_tile, a, task, i0, p0, m, k);
      load<b_transposed>(b_tile, b, task, p0, j0, k, n);
      team.team_barrier();
      add_product(sum, a_tile, b_tile, {m, n, k});
      team.team_barrier();
    }
    Scalar* const to = &c(task, i0, j0);
    const std::int64_t next_row = c.stride[1], next_col = c.stride[2];
    const bool accumulates = write == Write::accumulate;
    for_each_owned(m, n, [&](int i, int j, int e) {
      Scalar& element = to[i * next_row + j * next_col];
      element = accumulates ? element + sum[e] : sum[e];
    });
  }

 private:
  /// m rows and n columns from (i0, j0) of task's x, or of its transpose; zeros beyond.
  template <bool transposed>
  KOKKOS_INLINE_FUNCTION static void load(const Tile& tile, const Array<const Scalar, 3>& x,
                                          int task, int i0, int j0, int m, int n) {
    const std::int64_t next_row = x.stride[transposed ? 2 : 1],
                       next_col = x.stride[transposed ? 1 : 2];
    const Scalar* const from = &x(task, 0, 0) + i0 * next_row + j0 * next_col;
    if constexpr (on_host) {
      for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) tile(i * pitch + j) = from[i * next_row + j * next_col];
        for (int j = n; j < cols; ++j) tile(i * pitch + j) = Scalar(0);
      }
    } else {
      tile::for_each_of_team<Plan>(rows * cols, [&](int e) {
        const int i = transposed ? e % rows : e / cols, j = transposed ? e / rows : e % cols;
        tile(i * pitch + j) = i < m && j < n ? from[i * next_row + j * next_col] : Scalar(0);
      });
    }
  }

  /// f(i, j, e) for every element of m rows and n columns that this thread holds, e its place in `sum`.
  template <class Function>
  KOKKOS_INLINE_FUNCTION static void for_each_owned(int m, int n, const Function& f) {
    if constexpr (on_host) {
      for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j) f(i, j, i * cols + j);
    } else {
      int e = 0;
      tile::for_each_of_team<Plan>(rows * cols, [&](int at) {
        const int i = at / cols, j = at % cols;
        if (i < m && j < n) f(i, j, e);
        ++e;
      });
    }
  }

  KOKKOS_INLINE_FUNCTION static void add_product(Scalar (&sum)[own], const Tile& a_tile,
                                                 const Tile& b_tile, tile::Extent extent) {
    if constexpr (on_host) {
      KOKKOS_IF_ON_HOST(
          (tile::host::product<cols, pitch>(sum, tile::host::Strided<Scalar, pitch, 1>{a_tile.data},
                                            b_tile.data, extent);))
    } else {
      for_each_owned(extent.m, extent.n, [&](int i, int j, int e) {
        for (int p = 0; p < extent.k; ++p) sum[e] += a_tile(i * pitch + p) * b_tile(p * pitch + j);
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

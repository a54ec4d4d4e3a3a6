// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/linear/cuda/team.hpp"
#include "kernels/linear/cuda/warpgroup_chunks.hpp"
#include "kernels/tile/launch.hpp"
#include "kernels/tile/scratch.hpp"

namespace theria::linear::cuda {

/// Products of floats on Hopper's tensor cores: two warpgroups make a tile of one task's C, each number the sum of two
/// tfloats, of whose four products the three largest are taken. Chunks of 32 of the sum at a time: its part of A a
/// thread reads into registers, one chunk ahead; B is copied to shared memory, three chunks ahead, and split there into
/// planes, of which there are two pairs, so that one is made while tensor cores read the other. What they sum, small
/// products first, is a chunk at most; chunks are added by ordinary additions, in order, for tensor cores truncate what
/// they add to.
/// Where k is long and C small it `halves_chunks`: both warpgroups make the same 64 rows, each from half of every chunk.
template <tile::Form form, bool halves_chunks>
struct WarpgroupProductKernel {
  using Plan = TeamPlan<8, 1>;
  using Tile = WarpgroupTile<form, halves_chunks>;
  static constexpr int rows = Tile::rows, cols = Tile::cols, steps = Tile::steps;
  static constexpr int plane = Tile::plane, next_k = Tile::next_k;
  static constexpr int at_once = Tile::a_transposed ? 1 : 2;  // numbers of a row of C
  using Planes = tile::ScratchArray<std::uint32_t, 2 * 2 * plane>;
  using OnTheWay = tile::ScratchArray<float, Tile::on_the_way * Tile::each_of_b * Tile::threads>;
  static constexpr std::size_t scratch = tile::scratch_request(Planes::bytes + OnTheWay::bytes);
  static_assert(!halves_chunks || Planes::bytes >= sizeof(float) * rows * cols);

  ProductOperands<float> args;

  std::int64_t league() const { return ProductTile::count(args.c, rows, cols); }

  /// Whether these are products for it: on Hopper, of 64 rows, 32 columns and terms or more, with rows of A, and pairs in rows
  /// of C, aligned to their size, with strides of which a tile has no more than 32 bits of bytes, and a Kokkos that offers
  /// the scratch.
  static bool takes([[maybe_unused]] const ProductOperands<float>& args) {
#ifdef KOKKOS_ARCH_HOPPER90
    const auto aligned = [](const auto& x, int numbers) {
      return x.stride[2] == 1 && x.extent[2] % numbers == 0 && x.stride[1] % numbers == 0 &&
             x.stride[0] % numbers == 0 &&
             reinterpret_cast<std::uintptr_t>(x.data) % (sizeof(float) * numbers) == 0;
    };
    const auto near = [](const auto& x) {
      constexpr std::int64_t most = 1 << 21;
      return x.stride[1] >= 0 && x.stride[2] >= 0 && x.stride[1] < most && x.stride[2] < most;
    };
    if (args.c.extent[1] < 64 || args.c.extent[2] < 32) return false;
    if (!aligned(args.c, at_once)) return false;
    if (args.bias.data != nullptr && args.bias.stride[1] != 1) return false;
    for (const ProductTerm<float>& term : args.term)
      if (term.given() && (term.length(Tile::a_transposed) < 32 || !near(term.a) || !near(term.b) ||
                           (!Tile::a_transposed && !aligned(term.a, 4))))
        return false;
    static const bool offered = [] {
      const Kokkos::TeamPolicy<Space> policy(1, Plan::warps, 32);
      return scratch <= static_cast<std::size_t>(policy.scratch_size_max(0));
    }();
    return offered;
#else
    return false;
#endif
  }

  KOKKOS_FUNCTION void operator()(const tile::Member<Space>& team) const {
    if constexpr (!tile::cuda::has_warpgroups)
      KOKKOS_IF_ON_DEVICE((Kokkos::abort("theria::linear: a product for sm_90a in other code");))
    const ProductTile at(args.c, rows, cols, team.league_rank());
    char* arena = tile::arena_of<Space>(team, scratch);
    const Planes planes(arena);
    const OnTheWay on_the_way(arena);
    const std::uint32_t shared = tile::cuda::shared_address(planes.data);

    float sum[2][32];
    THERIA_UNROLL
    for (int e = 0; e < 64; ++e) sum[e / 32][e % 32] = 0;
    PartOfA<Tile> next_a(args, at);
    PartOfB<Tile> next_b(args, at, on_the_way.data);
    next_a.begin_term();
    next_b.begin_term();
    next_a.read();
    for (int n = 0; n < Tile::on_the_way; ++n) {
      next_b.fetch();
      next_b.go_on();
    }
    next_b.put(planes.data);
    THERIA_NO_UNROLL
    for (int turn = 0; next_a.is_one(); turn ^= 1) {
      std::uint32_t a[2][steps][4];
      next_a.split(a);
      tile::cuda::publish_to_products();
      tile::cuda::sync_team();
      float part[2][32];
      multiply(part, a, shared + 4 * 2 * turn * plane);
      next_a.go_on();
      next_a.read();
      next_b.fetch();
      next_b.go_on();
      next_b.put(planes.data + 2 * (1 - turn) * plane);  // past the last chunk what nobody reads
      add_products(sum, part);
    }
    if constexpr (halves_chunks) {
      tile::cuda::sync_team();
      if (!add_halves(sum, reinterpret_cast<float*>(planes.data))) return;
    }
    store(at, sum);
  }

 private:
  /// Begins part = this warpgroup's part of a chunk, 64 columns at a time.
  KOKKOS_INLINE_FUNCTION static void multiply(float (&part)[2][32],
                                              const std::uint32_t (&a)[2][steps][4],
                                              std::uint32_t b_planes) {
    const int first = halves_chunks ? 2 * Tile::warpgroup() : 0;
    const std::uint64_t b =
        tile::cuda::describe(b_planes + 4 * 2 * first * next_k, 4 * next_k, 4 * 8 * 4);
    THERIA_UNROLL
    for (int e = 0; e < 8 * steps; ++e)
      tile::cuda::settle(a[e / (4 * steps)][e / 4 % steps][e % 4]);
    tile::cuda::begin_products();
    THERIA_UNROLL
    for (int half = 0; half < 2; ++half) {
      THERIA_UNROLL
      for (int product = 0; product < 3; ++product) {
        THERIA_UNROLL
        for (int s = 0; s < steps; ++s) {
          const int left = product == 0 ? 1 : 0, right = product == 1 ? 1 : 0;
          const int there = right * plane + 2 * s * next_k + half * 64 * 4;
          const std::uint64_t b_at = b + 4 * there / 16;
          if (product == 0 && s == 0) {
            tile::cuda::multiply_warpgroup_tfloat<false>(part[half], a[left][s], b_at);
          } else {
            tile::cuda::multiply_warpgroup_tfloat<true>(part[half], a[left][s], b_at);
          }
        }
      }
    }
    tile::cuda::end_products();
  }
  /// sum += part, once it has come.
  KOKKOS_INLINE_FUNCTION static void add_products(float (&sum)[2][32], float (&part)[2][32]) {
    tile::cuda::wait_for_products<0>(part[0]);
    tile::cuda::wait_for_products<0>(part[1]);
    THERIA_UNROLL
    for (int e = 0; e < 64; ++e) sum[e / 32][e % 32] += part[e / 32][e % 32];
  }

  /// Adds the second warpgroup's sums to the first one's; whether this is the first.
  KOKKOS_INLINE_FUNCTION static bool add_halves(float (&sum)[2][32], float* shared) {
    const bool first = Tile::warpgroup() == 0;
    const int place = Tile::thread() % 128;
    THERIA_UNROLL
    for (int e = 0; e < 64; ++e)
      if (!first) shared[128 * e + place] = sum[e / 32][e % 32];
    tile::cuda::sync_team();
    THERIA_UNROLL
    for (int e = 0; e < 64; ++e)
      if (first) sum[e / 32][e % 32] += shared[128 * e + place];
    return first;
  }

  /// C = sum, with what is added to it; what the compiler can't know of C and the bias, takes() has asked.
  KOKKOS_INLINE_FUNCTION void store(const ProductTile& at, float (&sum)[2][32]) const {
    const int first_col = 2 * (tile::cuda::lane() % 4);
    float* const c = &args.c(at.task, at.i0, at.j0 + first_col);
    const std::int64_t next_row = args.c.stride[1];
    // f(part and element of the sum, offset in C, column past first_col), two numbers at once where rows of C hold pairs
    const auto for_each_number = [&](const auto& f) {
      THERIA_UNROLL
      for (int r = 0; r < 2; ++r) {
        const std::int64_t start = Tile::row(r) * next_row;
        const int end = Tile::row(r) < at.m ? at.n - first_col : 0;
        THERIA_UNROLL
        for (int block = 0; block < cols / 8; ++block) {
          THERIA_UNROLL
          for (int i = 0; i < 2; i += at_once)
            if (8 * block + i < end)
              f(block / 8, block % 8 * 4 + 2 * r + i, start + 8 * block + i, 8 * block + i);
        }
      }
    };
    // All of them are read before one is used.
    const auto add = [&](const auto& place) {
      float more[2][32] = {};
      for_each_number([&](int half, int e, std::int64_t offset, int col) {
        THERIA_UNROLL
        for (int i = 0; i < at_once; ++i) more[half][e + i] = place(offset, col)[i];
      });
      THERIA_UNROLL
      for (int e = 0; e < 64; ++e) sum[e / 32][e % 32] += more[e / 32][e % 32];
    };
    if (args.bias.data != nullptr) {
      const float* const bias = &args.bias(at.task, at.j0 + first_col);
      add([&](std::int64_t, int col) { return bias + col; });
    }
    if (args.write == Write::accumulate)
      add([&](std::int64_t offset, int) -> const float* { return c + offset; });
    for_each_number([&](int half, int e, std::int64_t offset, int) {
      tile::cuda::write(c + offset, reinterpret_cast<const float(&)[at_once]>(sum[half][e]));
    });
  }
};

}  // namespace theria::linear::cuda

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/cuda/product_half.hpp"
#include "kernels/tile/cuda/warpgroup.hpp"

namespace theria::tile::cuda {

/// Columns of one chain.
inline constexpr int chain_cols = 32;

/// Whether a product can be a warpgroup's: each warp has whole rows of the result.
template <class C>
inline constexpr bool fits_warpgroup =
    C::Plan::across == 1 && C::Plan::down == 4 && C::Places::blocks * 8 % chain_cols == 0;

/// Columns of a product on the numbers of C itself, and what a thread has of them.
template <class C>
inline constexpr int direct_cols = 8 * C::Places::blocks % 64 == 0 ? 64 : 32;
template <class C>
KOKKOS_INLINE_FUNCTION float (&part_of(C& c, int col))[direct_cols<C> / 2] {
  return reinterpret_cast<float(&)[direct_cols<C> / 2]>(c.element[col / 2]);
}
/// Waits for C until no more than `pending` chains that began later are on their way.
template <int pending, class C>
KOKKOS_INLINE_FUNCTION void finish_directly(C& c) {
  THERIA_UNROLL
  for (int col = 0; col < 8 * C::Places::blocks; col += direct_cols<C>)
    wait_for_products<pending>(part_of(c, col));
}

/// C += A op(B) as chains of the tensor cores: A in registers or in shared memory, B in shared memory. Of scaled halves a chain
/// is chain_cols columns and as many terms as one accumulator takes, added to C apart; of numbers without scales it is
/// all terms, on the numbers of C.
template <Form form, class C, class A, class B>
struct WarpgroupProduct {
  using Places = typename C::Places;
  static constexpr int planes = A::Format::planes, length = A::cols;
  static constexpr int part = length < chain<planes> ? length : chain<planes>, steps = part / 16;
  static constexpr int across = 8 * Places::blocks / chain_cols, chains = length / part * across;
  static constexpr bool in_registers = requires(const A& x) { x.word; };
  static constexpr bool transposed = form == Form::nt;
  static constexpr int first_product = planes == 2 ? 0 : 2;
  C& c;
  const A& a;
  std::uint64_t left, right;  // descriptions
  float factor[2];

  KOKKOS_INLINE_FUNCTION WarpgroupProduct(C& c_, const A& a_, const B& b)
      : c(c_), a(a_), left(0), right(description<transposed>(b)) {
    if constexpr (!in_registers) left = description<true>(a_);
    inverse_scales(factor, a_, b, Places::first_row());
  }

  /// Begins chain n, small products first.
  KOKKOS_INLINE_FUNCTION void begin(int n, float (&sum)[16]) {
    const int k0 = n / across * part, col = n % across * chain_cols;
    THERIA_UNROLL
    for (int e = 0; e < 16; ++e) sum[e] = 0;
    settle_left(k0, part);
    begin_products();
    THERIA_UNROLL
    for (int k = 0; k < steps; ++k) {
      THERIA_UNROLL
      for (int product = first_product; product < 3; ++product)
        multiply(sum, k0 + 16 * k, col, product == 0 ? 1 : 0, product == 1 ? 1 : 0,
                 k > 0 || product > first_product);
    }
    end_products();
  }

  /// All terms as part of a chain, on the numbers of C itself: C = A op(B), or += where it `adds`, without scales.
  template <bool adds>
  KOKKOS_INLINE_FUNCTION void put_directly() {
    settle_left(0, length);
    begin_products();
    THERIA_UNROLL
    for (int col = 0; col < 8 * Places::blocks; col += direct_cols<C>) {
      THERIA_UNROLL
      for (int k = 0; k < length; k += 16) multiply(part_of(c, col), k, col, 0, 0, adds || k > 0);
    }
  }

  /// Adds what chain n has come to.
  KOKKOS_INLINE_FUNCTION void finish(int n, const float (&sum)[16]) {
    const int first = n % across * chain_cols / 2;
    THERIA_UNROLL
    for (int e = 0; e < 16; ++e) c.element[first + e] += factor[e / 2 % 2] * sum[e];
  }

 private:
  /// The columns of A from k0 on.
  KOKKOS_INLINE_FUNCTION void settle_left([[maybe_unused]] int k0, [[maybe_unused]] int count) {
    if constexpr (in_registers) {
      THERIA_UNROLL
      for (int k = k0; k < k0 + count; k += 16) {
        THERIA_UNROLL
        for (int e = 0; e < 4 * planes; ++e) settle(a.word[k / 16][e / 4][e % 4]);
      }
    }
  }
  /// sum += 16 columns of A from k on, of one plane, times op(B)'s from (k, col) on, of another.
  template <int count>
  KOKKOS_INLINE_FUNCTION void multiply(float (&sum)[count], int k, int col, int left_plane,
                                       int right_plane, bool add) {
    constexpr Sixteen type = A::Format::sixteen;
    const std::uint64_t b_at =
        right + (transposed ? units<B>(right_plane, col, k) : units<B>(right_plane, k, col));
    if constexpr (in_registers) {
      multiply_warpgroup<type, transposed>(sum, a.word[k / 16][left_plane], b_at, add);
    } else {
      multiply_warpgroup<type, transposed>(sum, left + units<A>(left_plane, 0, k), b_at, add);
    }
  }
  /// Of a factor whose rows or, not `by_rows`, columns are summed over.
  template <bool by_rows, class Factor>
  KOKKOS_INLINE_FUNCTION static std::uint64_t description(const Factor& x) {
    const std::uint32_t address = shared_address(x.data);
    if constexpr (Factor::swizzled) {
      return describe_swizzled(address, 2 * Factor::wide);
    } else {
      constexpr int beside = 128, below = 16 * Factor::cols;  // from one 8x8 matrix to the next
      return describe(address, by_rows ? beside : below, by_rows ? below : beside);
    }
  }
  /// From the first element of a factor to (row, col) of a plane, in the units of a description.
  template <class Factor>
  KOKKOS_INLINE_FUNCTION static constexpr int units(int plane, int row, int col) {
    const int first = plane * int(Factor::plane);
    if constexpr (Factor::swizzled) {
      constexpr int wide = Factor::wide;
      return 2 * (first + col / wide * Factor::rows * wide + row * wide + col % wide) / 16;
    } else {
      return 2 * (first + row / 8 * 8 * Factor::cols + col / 8 * 64) / 16;
    }
  }
};

/// f(the product at `which`).
template <class Function, class First, class... Rest>
KOKKOS_INLINE_FUNCTION void with_product(int which, const Function& f, First& first,
                                         Rest&... rest) {
  if (which == 0) {
    f(first);
  } else if constexpr (sizeof...(rest) > 0) {
    with_product(which - 1, f, rest...);
  }
}

/// The products one after the other, the next chain on its way while one is added.
template <class First, class... Rest>
KOKKOS_INLINE_FUNCTION void run_chains(First first, Rest... rest) {
  constexpr int each = First::chains, count = each * (1 + sizeof...(rest));
  float sum[2][16];
  THERIA_UNROLL
  for (int n = 0; n <= count; ++n) {
    if (n < count)
      with_product(
          n / each, [&](auto& p) { p.begin(n % each, sum[n % 2]); }, first, rest...);
    if (n == 0) continue;
    const int done = n - 1;
    if (n < count) {
      wait_for_products<1>(sum[done % 2]);
    } else {
      wait_for_products<0>(sum[done % 2]);
    }
    with_product(
        done / each, [&](auto& p) { p.finish(done % each, sum[done % 2]); }, first, rest...);
  }
}

}  // namespace theria::tile::cuda

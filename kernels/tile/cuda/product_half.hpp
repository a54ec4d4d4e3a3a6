// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/form.hpp"
#include "kernels/tile/operand.hpp"

namespace theria::tile::cuda {

/// Numbers of the sum that one accumulator of the tensor cores takes. They truncate when they add, so
/// that the error grows with the length of the chain; a sum of 32 stays within that of plain fp32, and what
/// 64 lose is nothing to numbers of 11 bits.
template <int planes>
inline constexpr int chain = planes == 2 ? 32 : 64;

/// Where this thread's part of A's matrices lies, for the 16 rows from `row` on and the 16 columns from k on.
template <class A>
KOKKOS_INLINE_FUNCTION std::uint32_t left_address(const A& a, int row, int k) {
  if constexpr (requires { a.word; }) {
    return 0;
  } else {
    return shared_address(a.data + A::place(row + lane() % 16, k + lane() / 16 * 8));
  }
}
/// The same of op(B), for the 16 rows from k on and the 16 columns from `col` on.
template <Form form, class B>
KOKKOS_INLINE_FUNCTION std::uint32_t right_address(const B& b, int k, int col) {
  if constexpr (form == Form::nt) {
    return shared_address(b.data +
                          B::place(col + lane() / 16 * 8 + lane() % 8, k + lane() / 8 % 2 * 8));
  } else {
    return shared_address(b.data + B::place(k + lane() % 16, col + lane() / 16 * 8));
  }
}

/// The 16x16 block of A at column k, all planes; `address` by left_address for k = 0.
template <class A>
KOKKOS_INLINE_FUNCTION void load_left(std::uint32_t (&r)[A::Format::planes][4], const A& a,
                                      std::uint32_t address, int row, int k) {
  THERIA_UNROLL
  for (int p = 0; p < A::Format::planes; ++p) {
    if constexpr (requires { a.word; }) {
      THERIA_UNROLL
      for (int w = 0; w < 4; ++w) r[p][w] = a.word[k / 16][p][w];
    } else if constexpr (A::swizzled) {
      load_matrices(r[p], left_address(a, row, k));
    } else {
      load_matrices(r[p], address + 2 * (p * std::uint32_t(A::plane) + 8 * k));
    }
  }
}

/// Two neighbouring 16x8 blocks of op(B) at (k, col + block), all planes: words 0, 1 and 2, 3; `address` by
/// right_address for k = 0 and block = 0.
template <Form form, class B>
KOKKOS_INLINE_FUNCTION void load_right(std::uint32_t (&r)[B::Format::planes][4], const B& b,
                                       std::uint32_t address, int k, int col, int block) {
  THERIA_UNROLL
  for (int p = 0; p < B::Format::planes; ++p) {
    std::uint32_t at = 0;
    if constexpr (B::swizzled) {
      at = right_address<form>(b, k, col + block);
    } else {
      at = address + 2 * (p * std::uint32_t(B::plane) +
                          (form == Form::nt ? block * B::cols + 8 * k : k * B::cols + 8 * block));
    }
    if constexpr (form == Form::nt) {
      load_matrices(r[p], at);
    } else {
      load_matrices_transposed(r[p], at);
    }
  }
}

/// sum[0..1] += a b on two neighbouring blocks, small products first; `first` begins the sum.
template <Sixteen type, int planes>
KOKKOS_INLINE_FUNCTION void multiply(float (&sum)[2][4], const std::uint32_t (&a)[planes][4],
                                     const std::uint32_t (&b)[planes][4], bool first) {
  THERIA_UNROLL
  for (int product = planes == 2 ? 0 : 2; product < 3; ++product) {
    const int left = product == 0 ? 1 : 0, right = product == 1 ? 1 : 0;
    THERIA_UNROLL
    for (int n = 0; n < 2; ++n) {
      if (first && product == (planes == 2 ? 0 : 2)) {
        mma_half<type, true>(sum[n], a[left], b[right][2 * n], b[right][2 * n + 1]);
      } else {
        mma_half<type, false>(sum[n], a[left], b[right][2 * n], b[right][2 * n + 1]);
      }
    }
  }
}

/// What a product is to be multiplied by, for the two rows of this thread: 1/scale of a row of A and of B where they have
/// scales, and a factor that one of them has taken.
template <class A, class B>
KOKKOS_INLINE_FUNCTION void inverse_scales(float (&factor)[2], const A& a, const B& b, int row) {
  THERIA_UNROLL
  for (int r = 0; r < 2; ++r) {
    if constexpr (A::of_scores && !A::Format::scaled) {
      factor[r] = b.inverse;
    } else if constexpr (requires { a.word; }) {
      factor[r] = a.row_inverse(r) * b.inverse;
    } else if constexpr (A::of_scores) {
      factor[r] = a.row_inverse[row + lane() / 4 + 8 * r] * b.inverse;
    } else {
      factor[r] = a.inverse * b.inverse;
    }
  }
}

/// c (two blocks at element `first`) += sum, with the scales taken off.
template <class C>
KOKKOS_INLINE_FUNCTION void fold(C& c, int first, const float (&sum)[2][4],
                                 const float (&factor)[2]) {
  THERIA_UNROLL
  for (int e = 0; e < 8; ++e) c.element[first + e] += factor[e / 2 % 2] * sum[e / 4][e % 4];
}

template <Form form, class C, class A, class B>
KOKKOS_INLINE_FUNCTION void product_half(C& c, const A& a, const B& b) {
  using Places = typename C::Places;
  constexpr int planes = A::Format::planes, length = A::cols;
  constexpr Sixteen type = A::Format::sixteen;
  constexpr int part = length < chain<planes> ? length : chain<planes>, steps = part / 16;
  const int row = Places::first_row(), col = Places::first_col();
  float factor[2];
  inverse_scales(factor, a, b, row);
  const std::uint32_t left_at = left_address(a, row, 0), right_at = right_address<form>(b, 0, col);
  for (int k0 = 0; k0 < length; k0 += part) {
    std::uint32_t left[steps][planes][4];
    THERIA_UNROLL
    for (int k = 0; k < steps; ++k) load_left(left[k], a, left_at, row, k0 + 16 * k);
    THERIA_UNROLL
    for (int block = 0; block < Places::blocks; block += 2) {
      float sum[2][4];
      THERIA_UNROLL
      for (int k = 0; k < steps; ++k) {
        std::uint32_t right[planes][4];
        load_right<form>(right, b, right_at, k0 + 16 * k, col, 8 * block);
        multiply<type>(sum, left[k], right, k == 0);
      }
      fold(c, 4 * block, sum, factor);
    }
  }
}

/// The product rule on operands loaded once: C += AB, Ċ += ȦB + AḂ.
template <Form form, class C, class A, class B>
KOKKOS_INLINE_FUNCTION void product_half_dual(C& c, const A& a, const B& b) {
  using Places = typename C::Places;
  using Format = typename decltype(a.value)::Format;
  constexpr int planes = Format::planes, length = A::cols;
  constexpr Sixteen type = Format::sixteen;
  constexpr int part = length < chain<planes> ? length : chain<planes>, steps = part / 16;
  const int row = Places::first_row(), col = Places::first_col();
  float factor[2], left_factor[2], right_factor[2];
  inverse_scales(factor, a.value, b.value, row);
  inverse_scales(left_factor, a.tangent, b.value, row);
  inverse_scales(right_factor, a.value, b.tangent, row);
  const std::uint32_t left_at = left_address(a.value, row, 0),
                      left_dot_at = left_address(a.tangent, row, 0),
                      right_at = right_address<form>(b.value, 0, col),
                      right_dot_at = right_address<form>(b.tangent, 0, col);
  for (int k0 = 0; k0 < length; k0 += part) {
    std::uint32_t left[steps][planes][4], left_dot[steps][planes][4];
    THERIA_UNROLL
    for (int k = 0; k < steps; ++k) {
      load_left(left[k], a.value, left_at, row, k0 + 16 * k);
      load_left(left_dot[k], a.tangent, left_dot_at, row, k0 + 16 * k);
    }
    THERIA_UNROLL
    for (int block = 0; block < Places::blocks; block += 2) {
      float value[2][4], left_moves[2][4], right_moves[2][4];
      THERIA_UNROLL
      for (int k = 0; k < steps; ++k) {
        std::uint32_t right[planes][4];
        load_right<form>(right, b.value, right_at, k0 + 16 * k, col, 8 * block);
        multiply<type>(value, left[k], right, k == 0);
        multiply<type>(left_moves, left_dot[k], right, k == 0);
        load_right<form>(right, b.tangent, right_dot_at, k0 + 16 * k, col, 8 * block);
        multiply<type>(right_moves, left[k], right, k == 0);
      }
      fold(c.value, 4 * block, value, factor);
      fold(c.tangent, 4 * block, left_moves, left_factor);
      fold(c.tangent, 4 * block, right_moves, right_factor);
    }
  }
}

}  // namespace theria::tile::cuda

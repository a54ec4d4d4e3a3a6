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

/// Where this thread's part of A's matrices lies, for the 16 rows from `row` on.
template <class A>
KOKKOS_INLINE_FUNCTION std::uint32_t left_address(const A& a, int row) {
  if constexpr (requires { a.word; }) {
    return 0;
  } else {
    return shared_address(a.data + A::Format::place(row + lane() % 16, lane() / 16 * 8, A::cols));
  }
}
/// The same of op(B), for the 16 columns from `col` on.
template <Form form, class B>
KOKKOS_INLINE_FUNCTION std::uint32_t right_address(const B& b, int col) {
  if constexpr (form == Form::nt) {
    const int row = col + lane() / 16 * 8 + lane() % 8;
    return shared_address(b.data + B::Format::place(row, lane() / 8 % 2 * 8, B::cols));
  } else {
    return shared_address(b.data + B::Format::place(lane() % 16, col + lane() / 16 * 8, B::cols));
  }
}

/// The 16x16 block of A at column k, all planes; `address` by left_address.
template <class A>
KOKKOS_INLINE_FUNCTION void load_left(std::uint32_t (&r)[A::Format::planes][4], const A& a,
                                      std::uint32_t address, int k) {
  THERIA_UNROLL
  for (int p = 0; p < A::Format::planes; ++p) {
    if constexpr (requires { a.word; }) {
      THERIA_UNROLL
      for (int w = 0; w < 4; ++w) r[p][w] = a.word[k / 16][p][w];
    } else {
      load_matrices(r[p], address + 2 * (p * std::uint32_t(A::plane) + 8 * k));
    }
  }
}

/// Two neighbouring 16x8 blocks of op(B) at (k, col), all planes: words 0, 1 and 2, 3; `address` by
/// right_address for column 0.
template <Form form, class B>
KOKKOS_INLINE_FUNCTION void load_right(std::uint32_t (&r)[B::Format::planes][4],
                                       std::uint32_t address, int k, int col) {
  THERIA_UNROLL
  for (int p = 0; p < B::Format::planes; ++p) {
    if constexpr (form == Form::nt) {
      load_matrices(r[p], address + 2 * (p * std::uint32_t(B::plane) + col * B::cols + 8 * k));
    } else {
      load_matrices_transposed(r[p],
                               address + 2 * (p * std::uint32_t(B::plane) + k * B::cols + 8 * col));
    }
  }
}

/// sum[0..1] += a b on two neighbouring blocks, small products first; `first` begins the sum.
template <int planes>
KOKKOS_INLINE_FUNCTION void multiply(float (&sum)[2][4], const std::uint32_t (&a)[planes][4],
                                     const std::uint32_t (&b)[planes][4], bool first) {
  THERIA_UNROLL
  for (int product = planes == 2 ? 0 : 2; product < 3; ++product) {
    const int left = product == 0 ? 1 : 0, right = product == 1 ? 1 : 0;
    THERIA_UNROLL
    for (int n = 0; n < 2; ++n) {
      if (first && product == (planes == 2 ? 0 : 2)) {
        mma_half_first(sum[n], a[left], b[right][2 * n], b[right][2 * n + 1]);
      } else {
        mma_half(sum[n], a[left], b[right][2 * n], b[right][2 * n + 1]);
      }
    }
  }
}

/// 1/scale of a row of A and of B, for the two rows of this thread.
template <class A, class B>
KOKKOS_INLINE_FUNCTION void inverse_scales(float (&factor)[2], const A& a, const B& b, int row) {
  THERIA_UNROLL
  for (int r = 0; r < 2; ++r) {
    if constexpr (requires { a.word; }) {
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
  constexpr int part = length < chain<planes> ? length : chain<planes>, steps = part / 16;
  const int row = Places::first_row(), col = Places::first_col();
  float factor[2];
  inverse_scales(factor, a, b, row);
  const std::uint32_t left_at = left_address(a, row), right_at = right_address<form>(b, col);
  for (int k0 = 0; k0 < length; k0 += part) {
    std::uint32_t left[steps][planes][4];
    THERIA_UNROLL
    for (int k = 0; k < steps; ++k) load_left(left[k], a, left_at, k0 + 16 * k);
    THERIA_UNROLL
    for (int block = 0; block < Places::blocks; block += 2) {
      float sum[2][4];
      THERIA_UNROLL
      for (int k = 0; k < steps; ++k) {
        std::uint32_t right[planes][4];
        load_right<form, B>(right, right_at, k0 + 16 * k, 8 * block);
        multiply<planes>(sum, left[k], right, k == 0);
      }
      fold(c, 4 * block, sum, factor);
    }
  }
}

/// The product rule on operands loaded once: C += AB, Ċ += ȦB + AḂ.
template <Form form, class C, class A, class B>
KOKKOS_INLINE_FUNCTION void product_half_dual(C& c, const A& a, const B& b) {
  using Places = typename C::Places;
  constexpr int planes = decltype(a.value)::Format::planes, length = A::cols;
  constexpr int part = length < chain<planes> ? length : chain<planes>, steps = part / 16;
  const int row = Places::first_row(), col = Places::first_col();
  float factor[2], left_factor[2], right_factor[2];
  inverse_scales(factor, a.value, b.value, row);
  inverse_scales(left_factor, a.tangent, b.value, row);
  inverse_scales(right_factor, a.value, b.tangent, row);
  const std::uint32_t left_at = left_address(a.value, row),
                      left_dot_at = left_address(a.tangent, row),
                      right_at = right_address<form>(b.value, col),
                      right_dot_at = right_address<form>(b.tangent, col);
  for (int k0 = 0; k0 < length; k0 += part) {
    std::uint32_t left[steps][planes][4], left_dot[steps][planes][4];
    THERIA_UNROLL
    for (int k = 0; k < steps; ++k) {
      load_left(left[k], a.value, left_at, k0 + 16 * k);
      load_left(left_dot[k], a.tangent, left_dot_at, k0 + 16 * k);
    }
    THERIA_UNROLL
    for (int block = 0; block < Places::blocks; block += 2) {
      float value[2][4], left_moves[2][4], right_moves[2][4];
      THERIA_UNROLL
      for (int k = 0; k < steps; ++k) {
        std::uint32_t right[planes][4];
        using Part = decltype(b.value);
        load_right<form, Part>(right, right_at, k0 + 16 * k, 8 * block);
        multiply<planes>(value, left[k], right, k == 0);
        multiply<planes>(left_moves, left_dot[k], right, k == 0);
        load_right<form, Part>(right, right_dot_at, k0 + 16 * k, 8 * block);
        multiply<planes>(right_moves, left[k], right, k == 0);
      }
      fold(c.value, 4 * block, value, factor);
      fold(c.tangent, 4 * block, left_moves, left_factor);
      fold(c.tangent, 4 * block, right_moves, right_factor);
    }
  }
}

}  // namespace theria::tile::cuda

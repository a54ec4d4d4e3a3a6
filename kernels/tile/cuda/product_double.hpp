// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/tile/form.hpp"
#include "kernels/tile/operand.hpp"

namespace theria::tile::cuda {

/// C += A op(B) in doubles, on the accumulators themselves.
template <Form form, class C, class A, class B>
KOKKOS_INLINE_FUNCTION void product_double(C& c, const A& a, const B& b) {
  using Places = typename C::Places;
  const int g = lane() / 4, t = lane() % 4;
  const double* const left = a.data + (Places::first_row() + g) * A::pitch + t;
  const double* const right = form == Form::nt ? b.data + (Places::first_col() + g) * B::pitch + t
                                               : b.data + t * B::pitch + Places::first_col() + g;
  // From one block of 8 columns, and from one half of the instruction's depth, to the next.
  constexpr int next_block = form == Form::nt ? 8 * B::pitch : 8;
  constexpr int next_half = form == Form::nt ? 4 : 4 * B::pitch;
  THERIA_UNROLL
  for (int k = 0; k < A::cols; k += 8) {
    const double x[4] = {left[k], left[8 * A::pitch + k], left[k + 4], left[8 * A::pitch + k + 4]};
    THERIA_UNROLL
    for (int block = 0; block < Places::blocks; ++block) {
      const double* const at = right + block * next_block + k / 4 * next_half;
      const double y[2] = {at[0], at[next_half]};
      mma_double(reinterpret_cast<double(&)[4]>(c.element[4 * block]), x, y);
    }
  }
}

}  // namespace theria::tile::cuda

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/scores.hpp"

namespace theria::sdpa {

/// δ_i = Σ_d dO_id O_id, the row statistic of the backward pass; zero for a row that sees no key.
/// One thread a row. With Dual numbers also δ̇.
template <class Space, class Number>
struct DeltaKernel {
  using Scalar = ScalarOf<Number>;

  Problem<Scalar> problem;
  Operand<Number> d_o, o;
  RowField<Number> lse, delta;

  std::int64_t rows() const { return std::int64_t(problem.b) * problem.h * problem.tq; }

  KOKKOS_FUNCTION void operator()(std::int64_t row) const {
    const int i = static_cast<int>(row % problem.tq);
    const int h = static_cast<int>(row / problem.tq % problem.h);
    const int b = static_cast<int>(row / problem.tq / problem.h);
    Number sum{};
    if (value_of(lse.get(b, h, i)) != minus_infinity<Scalar>)
      for (int d = 0; d < problem.dv; ++d) sum = sum + d_o.get(b, h, i, d) * o.get(b, h, i, d);
    delta.set(b, h, i, sum);
  }
};

}  // namespace theria::sdpa

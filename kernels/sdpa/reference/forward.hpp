// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/sdpa/reference/dense.hpp"

namespace theria::sdpa::reference {

/// The forward operator, serial and dense, in any scalar type: the definition, not the algorithm.
///     (1) P = softmax(scale·Q Kᵀ + bias)   (2) O = P V
template <class Scalar>
void forward(const Options& options, const ForwardArguments<Scalar>& args) {
  for_each_head(options, args.in, [&](const Attention<Scalar>& a) {
    for (int i = 0; i < a.size.tq; ++i) {
      for (int d = 0; d < a.size.dv; ++d) {
        Scalar sum = 0;
        for (int j = 0; j < a.size.tk; ++j)
          if (a.sees(i, j)) sum = fused<Scalar>(a.p(i, j), args.in.v(a.b, a.h, j, d), sum);
        args.out.o(a.b, a.h, i, d) = sum;
      }
      if (args.out.lse) args.out.lse(a.b, a.h, i) = a.lse[i];
    }
  });
}

}  // namespace theria::sdpa::reference

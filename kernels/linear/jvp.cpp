// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear/product.hpp"

namespace theria::linear {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args) {
  product<tile::Form::nt>(
      "theria::linear::jvp", space,
      ProductOperands<Scalar>{.term = {{args.dot.x, args.in.w}, {args.in.x, args.dot.w}},
                              .c = args.y_dot,
                              .bias = args.dot.b});
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void jvp(const SPACE&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear

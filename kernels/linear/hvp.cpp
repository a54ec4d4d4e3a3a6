// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/hvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear/product.hpp"

namespace theria::linear {

template <class Space, class Scalar>
void hvp(const Space& space, const HvpArguments<Scalar>& args) {
  const auto& [x_dot, w_dot, b_dot, write_x] = args.d_dot;
  if (x_dot)
    product<tile::Form::nn>(
        "theria::linear::hvp::x", space,
        ProductOperands<Scalar>{.term = {{args.d_y_dot, args.in.w}, {args.d_y, args.dot.w}},
                                .c = x_dot,
                                .write = write_x});
  if (w_dot)
    product<tile::Form::tn>(
        "theria::linear::hvp::w", space,
        ProductOperands<Scalar>{.term = {{args.d_y_dot, args.in.x}, {args.d_y, args.dot.x}},
                                .c = w_dot});
  if (b_dot) sum_rows("theria::linear::hvp::b", space, args.d_y_dot, b_dot);
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void hvp(const SPACE&, const HvpArguments<float>&); \
  template void hvp(const SPACE&, const HvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear

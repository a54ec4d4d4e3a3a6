// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/vjp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear/product.hpp"

namespace theria::linear {

template <class Space, class Scalar>
void vjp(const Space& space, const VjpArguments<Scalar>& args) {
  if (args.d.x)
    product<tile::Form::nn>(
        "theria::linear::vjp::x", space,
        ProductOperands<Scalar>{
            .term = {{args.d_y, args.in.w}, {}}, .c = args.d.x, .write = args.d.write_x});
  if (args.d.w)
    product<tile::Form::tn>(
        "theria::linear::vjp::w", space,
        ProductOperands<Scalar>{.term = {{args.d_y, args.in.x}, {}}, .c = args.d.w});
  if (args.d.b) sum_rows("theria::linear::vjp::b", space, args.d_y, args.d.b);
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void vjp(const SPACE&, const VjpArguments<float>&); \
  template void vjp(const SPACE&, const VjpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear

// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/forward.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear/product.hpp"

namespace theria::linear {

template <class Space, class Scalar>
void forward(const Space& space, const ForwardArguments<Scalar>& args) {
  product<tile::Form::nt>(
      "theria::linear::forward", space,
      ProductOperands<Scalar>{
          .term = {{args.in.x, args.in.w}, {}}, .c = args.y, .bias = args.in.b});
}

#define THERIA_INSTANTIATE(SPACE)                                      \
  template void forward(const SPACE&, const ForwardArguments<float>&); \
  template void forward(const SPACE&, const ForwardArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear

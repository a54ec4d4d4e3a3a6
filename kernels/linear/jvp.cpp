// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/jvp.hpp"

#include "kernels/core/spaces.hpp"
#include "kernels/linear/product.hpp"

namespace theria::linear {

template <class Space, class Scalar>
void jvp(const Space& space, const JvpArguments<Scalar>& args) {
  Write write = Write::overwrite;
  const auto add = [&](const Array<const Scalar, 3>& x, const Array<const Scalar, 3>& w) {
    if (!x || !w) return;
    product<tile::Form::nt>("theria::linear::jvp", space, x, w, args.y_dot, write);
    write = Write::accumulate;
  };
  add(args.dot.x, args.in.w);
  add(args.in.x, args.dot.w);
  if (args.dot.b) add_rows("theria::linear::jvp::bias", space, args.dot.b, args.y_dot);
}

#define THERIA_INSTANTIATE(SPACE)                              \
  template void jvp(const SPACE&, const JvpArguments<float>&); \
  template void jvp(const SPACE&, const JvpArguments<double>&);
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria::linear

// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/gelu.hpp"

#include "kernels/gelu/forward.hpp"
#include "kernels/gelu/hvp.hpp"
#include "kernels/gelu/jvp.hpp"
#include "kernels/gelu/vjp.hpp"

namespace theria {

template <class Space, class Scalar>
void GeluLayer<Space, Scalar>::forward(const At& at, const In& value) {
  gelu::forward(at.space, gelu::ForwardArguments<Scalar>{value.x, value.y});
}

template <class Space, class Scalar>
void GeluLayer<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  gelu::vjp(at.space, gelu::VjpArguments<Scalar>{value.x, d.y, d.x});
}

template <class Space, class Scalar>
void GeluLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  gelu::jvp(at.space, gelu::JvpArguments<Scalar>{value.x, dot.x, value.y, dot.y});
}

template <class Space, class Scalar>
void GeluLayer<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                   const Out& d_dot) {
  gelu::hvp(at.space, gelu::HvpArguments<Scalar>{value.x, d.y, dot.x, d_dot.y, d.x, d_dot.x});
}

#define THERIA_INSTANTIATE(SPACE)         \
  template class GeluLayer<SPACE, float>; \
  template class GeluLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

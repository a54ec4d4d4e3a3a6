// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/residual.hpp"

#include "src/models/rows.hpp"

namespace theria {

template <class Space, class Scalar>
void ResidualLayer<Space, Scalar>::forward(const At& at, const In& value) {
  m_branch.forward(at, value);
  add_rows(at.space, value.x, value.y);
}

template <class Space, class Scalar>
void ResidualLayer<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  m_branch.vjp(at, value, d);
  if (d.x) add_rows(at.space, d.y, d.x);
}

template <class Space, class Scalar>
void ResidualLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  m_branch.jvp(at, value, dot);
  add_rows(at.space, value.x, value.y);
  if (dot.x) add_rows(at.space, dot.x, dot.y);
}

template <class Space, class Scalar>
void ResidualLayer<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                       const Out& d_dot) {
  m_branch.hvp(at, value, dot, d, d_dot);
  if (d.x) add_rows(at.space, d.y, d.x);
  if (d_dot.x) add_rows(at.space, d_dot.y, d_dot.x);
}

#define THERIA_INSTANTIATE(SPACE)             \
  template class ResidualLayer<SPACE, float>; \
  template class ResidualLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/recomputed.hpp"

namespace theria {

template <class Space, class Scalar>
void RecomputedLayer<Space, Scalar>::allocate(Memory<Space, Scalar>& memory, int tasks,
                                              const Extents& in) {
  if (m_shared->first == this) {
    m_shared->memory = memory;
    m_f.allocate(memory, tasks, in);
  } else {
    Memory<Space, Scalar> again = m_shared->memory;
    m_f.allocate(again, tasks, in);
  }
}

template <class Space, class Scalar>
void RecomputedLayer<Space, Scalar>::forward(const At& at, const In& value) {
  m_f.forward(at, value);
  m_shared->last = this;
}

template <class Space, class Scalar>
void RecomputedLayer<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  if (m_shared->last != this) forward(at, value);
  m_f.vjp(at, value, d);
}

template <class Space, class Scalar>
void RecomputedLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  m_f.jvp(at, value, dot);
  m_shared->last = this;
}

template <class Space, class Scalar>
void RecomputedLayer<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                         const Out& d_dot) {
  if (m_shared->last != this) jvp(at, value, dot);
  m_f.hvp(at, value, dot, d, d_dot);
}

#define THERIA_INSTANTIATE(SPACE)               \
  template class RecomputedLayer<SPACE, float>; \
  template class RecomputedLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

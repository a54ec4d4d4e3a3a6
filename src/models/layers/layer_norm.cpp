// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/layer_norm.hpp"

#include "kernels/layer_norm/forward.hpp"
#include "kernels/layer_norm/hvp.hpp"
#include "kernels/layer_norm/jvp.hpp"
#include "kernels/layer_norm/vjp.hpp"

namespace theria {

template <class Space, class Scalar>
LayerNormLayer<Space, Scalar>::LayerNormLayer(ParameterLayout& layout, std::int64_t width,
                                              const std::string& prefix)
    : m_width(width) {
  m_gain = layout.add(prefix + "gain", {std::size_t(width)}, {.centre = 1});
  m_bias = layout.add(prefix + "bias", {std::size_t(width)}, {});
}

template <class Space, class Scalar>
void LayerNormLayer<Space, Scalar>::allocate(Memory<Space, Scalar>& memory, int tasks,
                                             const Extents& in) {
  for (Kept<Scalar>* kept : {&m_value, &m_dot})
    *kept = memory.take(tasks, 2 * std::size_t(in.rows));
}

template <class Space, class Scalar>
template <class T>
layer_norm::Statistics<T> LayerNormLayer<Space, Scalar>::statistics(
    const Kept<Scalar>& memory, const Array<const Scalar, 3>& x) const {
  const std::int64_t n = x.extent[0], r = x.extent[1];
  const Array<Scalar, 2> all = memory.rows(2 * n, r);
  return {dense_array(all.data, n, r), dense_array(all.data + n * r, n, r)};
}

template <class Space, class Scalar>
layer_norm::Inputs<Scalar> LayerNormLayer<Space, Scalar>::inputs(const In& side) const {
  return {side.x, vector_of(side.theta, m_gain, m_width), vector_of(side.theta, m_bias, m_width)};
}

template <class Space, class Scalar>
void LayerNormLayer<Space, Scalar>::forward(const At& at, const In& value) {
  layer_norm::forward(at.space, layer_norm::ForwardArguments<Scalar>{
                                    inputs(value), value.y, statistics<Scalar>(m_value, value.x)});
}

template <class Space, class Scalar>
void LayerNormLayer<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  layer_norm::vjp(at.space,
                  layer_norm::VjpArguments<Scalar>{inputs(value),
                                                   statistics<const Scalar>(m_value, value.x),
                                                   d.y,
                                                   {d.x, vector_of(d.theta, m_gain, m_width),
                                                    vector_of(d.theta, m_bias, m_width)}});
}

template <class Space, class Scalar>
void LayerNormLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  layer_norm::jvp(at.space,
                  layer_norm::JvpArguments<Scalar>{inputs(value), inputs(dot), value.y, dot.y,
                                                   statistics<Scalar>(m_value, value.x),
                                                   statistics<Scalar>(m_dot, value.x)});
}

template <class Space, class Scalar>
void LayerNormLayer<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                        const Out& d_dot) {
  layer_norm::hvp(
      at.space, layer_norm::HvpArguments<Scalar>{inputs(value),
                                                 inputs(dot),
                                                 statistics<const Scalar>(m_value, value.x),
                                                 statistics<const Scalar>(m_dot, value.x),
                                                 d.y,
                                                 d_dot.y,
                                                 d.x,
                                                 {d_dot.x, vector_of(d_dot.theta, m_gain, m_width),
                                                  vector_of(d_dot.theta, m_bias, m_width)}});
}

#define THERIA_INSTANTIATE(SPACE)              \
  template class LayerNormLayer<SPACE, float>; \
  template class LayerNormLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

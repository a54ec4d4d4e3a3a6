// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/sequence.hpp"

#include <algorithm>

namespace theria {
namespace {

template <class Scalar>
Extents extents_of(const Array<const Scalar, 3>& x) {
  return {x.extent[1], x.extent[2]};
}

}  // namespace

template <class Space, class Scalar>
std::vector<Extents> Sequence<Space, Scalar>::extents(const Extents& in) const {
  std::vector<Extents> all{in};
  for (const auto& layer : m_layers) all.push_back(layer->out(all.back()));
  return all;
}

template <class Space, class Scalar>
std::size_t Sequence<Space, Scalar>::widest(const Extents& in) const {
  const std::vector<Extents> all = extents(in);
  std::size_t most = 0;
  for (std::size_t i = 1; i + 1 < all.size(); ++i) most = std::max(most, all[i].numbers());
  return whole_words(most);
}

template <class Space, class Scalar>
Extents Sequence<Space, Scalar>::out(const Extents& in) const {
  return extents(in).back();
}

template <class Space, class Scalar>
void Sequence<Space, Scalar>::allocate(Memory<Space, Scalar>& memory, int tasks,
                                       const Extents& in) {
  const std::vector<Extents> all = extents(in);
  for (std::size_t i = 0; i < m_layers.size(); ++i) m_layers[i]->allocate(memory, tasks, all[i]);
  for (Outputs* kept : {&m_value, &m_dot}) {
    kept->clear();
    for (std::size_t i = 1; i < m_layers.size(); ++i)
      kept->push_back(memory.take(tasks, all[i].numbers()));
  }
}

template <class Space, class Scalar>
std::size_t Sequence<Space, Scalar>::kept(const Extents& in) const {
  const std::vector<Extents> all = extents(in);
  std::size_t numbers = 0;
  for (std::size_t i = 0; i < m_layers.size(); ++i) {
    numbers += m_layers[i]->kept(all[i]);
    if (i > 0) numbers += 2 * whole_words(all[i].numbers());
  }
  return numbers;
}

template <class Space, class Scalar>
std::size_t Sequence<Space, Scalar>::scratch(const Extents& in) const {
  const std::vector<Extents> all = extents(in);
  std::size_t most = 0;
  for (std::size_t i = 0; i < m_layers.size(); ++i)
    most = std::max(most, m_layers[i]->scratch(all[i]));
  return 4 * widest(in) + most;
}

template <class Space, class Scalar>
std::vector<Array<Scalar, 3>> Sequence<Space, Scalar>::outputs(const Outputs& kept,
                                                               const Extents& in,
                                                               const Array<Scalar, 3>& y) const {
  const std::vector<Extents> all = extents(in);
  std::vector<Array<Scalar, 3>> each;
  for (std::size_t i = 0; i < kept.size(); ++i)
    each.push_back(kept[i].rows(y.extent[0], all[i + 1].rows, all[i + 1].columns));
  each.push_back(y);
  return each;
}

template <class Space, class Scalar>
void Sequence<Space, Scalar>::forward(const At& at, const In& value) {
  Array<const Scalar, 3> x = value.x;
  const auto y = outputs(m_value, extents_of(x), value.y);
  for (std::size_t i = 0; i < m_layers.size(); ++i) {
    m_layers[i]->forward(at, {value.theta, x, y[i]});
    x = y[i];
  }
}

template <class Space, class Scalar>
void Sequence<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  Array<const Scalar, 3> x = value.x, x_dot = dot.x;
  const auto y = outputs(m_value, extents_of(x), value.y);
  const auto y_dot = outputs(m_dot, extents_of(x), dot.y);
  for (std::size_t i = 0; i < m_layers.size(); ++i) {
    m_layers[i]->jvp(at, {value.theta, x, y[i]}, {dot.theta, x_dot, y_dot[i]});
    x = y[i];
    x_dot = y_dot[i];
  }
}

template <class Space, class Scalar>
void Sequence<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  const typename Scratch<Space, Scalar>::Frame frame(at.scratch);
  const Extents in = extents_of(value.x);
  const auto y = outputs(m_value, in, value.y);
  const std::int64_t tasks = value.y.extent[0];
  const auto most = static_cast<std::int64_t>(widest(in));
  // Of the cotangents between two layers only the last is needed.
  const Array<Scalar, 3> memory = at.scratch.take(2, tasks, most);
  Array<const Scalar, 3> d_y = d.y;
  for (std::size_t i = m_layers.size(); i-- > 0;) {
    const Array<const Scalar, 3> x = i == 0 ? value.x : y[i - 1];
    const Array<Scalar, 3> d_x =
        i == 0 ? d.x : dense_array(&memory(i % 2, 0, 0), tasks, x.extent[1], x.extent[2]);
    m_layers[i]->vjp(at, {value.theta, x, y[i]}, {d_y, d_x, d.theta});
    d_y = d_x;
  }
}

template <class Space, class Scalar>
void Sequence<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                  const Out& d_dot) {
  const typename Scratch<Space, Scalar>::Frame frame(at.scratch);
  const Extents in = extents_of(value.x);
  const auto y = outputs(m_value, in, value.y), y_dot = outputs(m_dot, in, dot.y);
  const std::int64_t tasks = value.y.extent[0];
  const auto most = static_cast<std::int64_t>(widest(in));
  const Array<Scalar, 3> memory = at.scratch.take(4, tasks, most);
  Array<const Scalar, 3> d_y = d.y, d_y_dot = d_dot.y;
  for (std::size_t i = m_layers.size(); i-- > 0;) {
    const Array<const Scalar, 3> x = i == 0 ? value.x : y[i - 1];
    const Array<const Scalar, 3> x_dot = i == 0 ? dot.x : y_dot[i - 1];
    Array<Scalar, 3> d_x = d.x, d_x_dot = d_dot.x;
    if (i > 0) {
      d_x = dense_array(&memory(i % 2, 0, 0), tasks, x.extent[1], x.extent[2]);
      d_x_dot = dense_array(&memory(2 + i % 2, 0, 0), tasks, x.extent[1], x.extent[2]);
    }
    m_layers[i]->hvp(at, {value.theta, x, y[i]}, {dot.theta, x_dot, y_dot[i]}, {d_y, d_x, {}},
                     {d_y_dot, d_x_dot, d_dot.theta});
    d_y = d_x;
    d_y_dot = d_x_dot;
  }
}

#define THERIA_INSTANTIATE(SPACE)        \
  template class Sequence<SPACE, float>; \
  template class Sequence<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

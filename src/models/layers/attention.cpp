// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/attention.hpp"

#include <cmath>

#include "kernels/linear/forward.hpp"
#include "kernels/linear/hvp.hpp"
#include "kernels/linear/jvp.hpp"
#include "kernels/linear/vjp.hpp"
#include "kernels/linear_attention/forward.hpp"
#include "kernels/linear_attention/hvp.hpp"
#include "kernels/linear_attention/jvp.hpp"
#include "kernels/linear_attention/vjp.hpp"
#include "kernels/sdpa/forward.hpp"
#include "kernels/sdpa/hvp.hpp"
#include "kernels/sdpa/jvp.hpp"
#include "kernels/sdpa/vjp.hpp"
#include "kernels/sdpa/workspace_bytes.hpp"

namespace theria {

template <class Space, class Scalar>
AttentionLayer<Space, Scalar>::AttentionLayer(ParameterLayout& layout, const Form& form,
                                              const std::string& prefix)
    : m_form(form) {
  const auto width = static_cast<std::size_t>(form.width);
  const Uniform initial{.bound = 1.0 / std::sqrt(static_cast<double>(width))};
  m_q = layout.add(prefix + "q_proj", {width, width}, initial);
  m_k = layout.add(prefix + "k_proj", {width, width}, initial);
  m_v = layout.add(prefix + "v_proj", {width, width}, initial);
}

template <class Space, class Scalar>
Extents AttentionLayer<Space, Scalar>::out(const Extents& in) const {
  return {m_form.first_token ? in.rows / m_form.tokens : in.rows, m_form.width};
}

template <class Space, class Scalar>
std::size_t AttentionLayer<Space, Scalar>::numbers(const Extents& in) const {
  return out(in).numbers() + 2 * in.numbers();
}

template <class Space, class Scalar>
void AttentionLayer<Space, Scalar>::allocate(Memory<Space, Scalar>& memory, int tasks,
                                             const Extents& in) {
  m_value = memory.take(tasks, numbers(in));
  m_dot = memory.take(tasks, numbers(in));
  if (!m_form.linear)
    m_lse = memory.take(tasks, static_cast<std::size_t>(out(in).rows * m_form.heads));
}

template <class Space, class Scalar>
std::size_t AttentionLayer<Space, Scalar>::kept(const Extents& in) const {
  const auto lse = static_cast<std::size_t>(out(in).rows * m_form.heads);
  return 2 * whole_words(numbers(in)) + (m_form.linear ? 0 : whole_words(lse));
}

template <class Space, class Scalar>
std::size_t AttentionLayer<Space, Scalar>::scratch(const Extents& in) const {
  return 2 * (whole_words(out(in).numbers()) + 2 * whole_words(in.numbers()));
}

template <class Space, class Scalar>
std::size_t AttentionLayer<Space, Scalar>::workspace_bytes(const Form& form, int tasks,
                                                           const Extents& in, bool on_gpu) {
  const auto sequences = static_cast<std::size_t>(tasks * in.rows / form.tokens);
  const auto d = static_cast<int>(form.width / form.heads);
  if (form.linear) return linear_attention::workspace_bytes<Scalar>(sequences * form.heads, d, d);
  const sdpa::CallSize call{.heads = sequences * form.heads,
                            .tq = form.first_token ? 1 : static_cast<int>(form.tokens),
                            .tk = static_cast<int>(form.tokens),
                            .d = d,
                            .dv = d};
  if (!form.narrow) return sdpa::hvp_workspace_bytes<Scalar>(call, on_gpu);
  return form.narrow == Storage::bfloat16_in_float
             ? sdpa::hvp_workspace_bytes<Brain>(call, on_gpu)
             : sdpa::hvp_workspace_bytes<Narrow>(call, on_gpu);
}

template <class Space, class Scalar>
template <class T>
auto AttentionLayer<Space, Scalar>::weights(const Array<T, 2>& theta) const -> Weights<T> {
  const std::int64_t width = m_form.width;
  return {matrix_of(theta, m_q, width, width), matrix_of(theta, m_k, width, width),
          matrix_of(theta, m_v, width, width)};
}

template <class Space, class Scalar>
template <class T>
Array<T, 3> AttentionLayer<Space, Scalar>::asking(Array<T, 3> x) const {
  if (!m_form.first_token) return x;
  x.extent[1] /= m_form.tokens;
  x.stride[1] *= m_form.tokens;
  return x;
}

template <class Space, class Scalar>
auto AttentionLayer<Space, Scalar>::projected(const Kept<Scalar>& memory,
                                              const Array<const Scalar, 3>& x) const -> Projected {
  const std::int64_t n = x.extent[0], width = m_form.width;
  const std::int64_t rows = x.extent[1], asks = asking(x).extent[1];
  const Array<Scalar, 3> all = memory.rows(n, 2 * rows + asks, width);
  return {.q = dense_array(all.data + 2 * n * rows * width, n, asks, width),
          .k = dense_array(all.data, n, rows, width),
          .v = dense_array(all.data + n * rows * width, n, rows, width)};
}

template <class Space, class Scalar>
auto AttentionLayer<Space, Scalar>::take(const At& at, const Array<const Scalar, 3>& x) const
    -> Projected {
  const std::int64_t n = x.extent[0], width = m_form.width;
  return {.q = at.scratch.take(n, asking(x).extent[1], width),
          .k = at.scratch.take(n, x.extent[1], width),
          .v = at.scratch.take(n, x.extent[1], width)};
}

template <class Space, class Scalar>
Array<Scalar, 3> AttentionLayer<Space, Scalar>::lse(const Array<const Scalar, 3>& x) const {
  if (m_form.linear) return {};
  const std::int64_t sequences = x.extent[0] * x.extent[1] / m_form.tokens;
  return m_lse.rows(sequences, m_form.heads, m_form.first_token ? 1 : m_form.tokens);
}

template <class Space, class Scalar>
template <class Element, class T>
Array<Element, 4> AttentionLayer<Space, Scalar>::heads(const Array<T, 3>& rows,
                                                       std::int64_t sequences) const {
  const std::int64_t width = m_form.width, d = width / m_form.heads;
  const std::int64_t tokens = rows.extent[0] * rows.extent[1] / sequences;
  Array<T, 4> all;
  all.data = rows.data;
  all.extent = {sequences, m_form.heads, tokens, d};
  all.stride = {tokens * width, d, width, 1};
  if constexpr (is_narrow<Element>) {
    return {all, *m_form.narrow};
  } else {
    return all;
  }
}

template <class Space, class Scalar>
template <class Element, template <class> class Group>
Group<Element> AttentionLayer<Space, Scalar>::group(const Projected& a,
                                                    std::int64_t sequences) const {
  return {.q = heads<Element>(a.q, sequences),
          .k = heads<Element>(a.k, sequences),
          .v = heads<Element>(a.v, sequences)};
}

template <class Space, class Scalar>
template <class Function>
void AttentionLayer<Space, Scalar>::on_elements(const Function& f) const {
  if constexpr (std::is_same_v<Scalar, float>) {
    if (m_form.narrow == Storage::bfloat16_in_float) return f.template operator()<Brain>();
    if (m_form.narrow) return f.template operator()<Narrow>();
  }
  f.template operator()<Scalar>();
}

template <class Space, class Scalar>
void AttentionLayer<Space, Scalar>::project(const At& at, const In& value,
                                            const Projected& a) const {
  using Arguments = linear::ForwardArguments<Scalar>;
  const auto w = weights(value.theta);
  linear::forward(at.space, Arguments{{asking(value.x), w.q}, a.q});
  linear::forward(at.space, Arguments{{value.x, w.k}, a.k});
  linear::forward(at.space, Arguments{{value.x, w.v}, a.v});
}

template <class Space, class Scalar>
void AttentionLayer<Space, Scalar>::forward(const At& at, const In& value) {
  const Projected a = projected(m_value, value.x);
  const std::int64_t b = value.x.extent[0] * value.x.extent[1] / m_form.tokens;
  project(at, value, a);
  if (m_form.linear) {
    linear_attention::forward(
        at.space,
        linear_attention::ForwardArguments<Scalar>{group<Scalar, linear_attention::Inputs>(a, b),
                                                   heads<Scalar>(value.y, b)},
        at.workspace);
    return;
  }
  on_elements([&]<class Element>() {
    sdpa::forward(at.space, options(),
                  sdpa::ForwardArguments<Element>{group<Element, sdpa::Inputs>(a, b),
                                                  {heads<Element>(value.y, b), lse(value.x)}},
                  at.workspace);
  });
}

template <class Space, class Scalar>
void AttentionLayer<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  using Arguments = linear::VjpArguments<Scalar>;
  const typename Scratch<Space, Scalar>::Frame frame(at.scratch);
  const Projected a = projected(m_value, value.x), d_a = take(at, value.x);
  const std::int64_t b = value.x.extent[0] * value.x.extent[1] / m_form.tokens;
  if (m_form.linear) {
    linear_attention::vjp(
        at.space,
        linear_attention::VjpArguments<Scalar>{group<Scalar, linear_attention::Inputs>(a, b),
                                               heads<const Scalar>(d.y, b),
                                               group<Scalar, linear_attention::Cotangents>(d_a, b)},
        at.workspace);
  } else {
    on_elements([&]<class Element>() {
      sdpa::vjp(at.space, options(),
                sdpa::VjpArguments<Element>{.in = group<Element, sdpa::Inputs>(a, b),
                                            .saved = {heads<Element>(value.y, b), lse(value.x)},
                                            .d_o = heads<const Element>(d.y, b),
                                            .d = group<Element, sdpa::Cotangents>(d_a, b)},
                at.workspace);
    });
  }
  // x feeds k, v and q: its cotangent is the sum of three.
  const auto w = weights(value.theta);
  const auto d_w = weights(d.theta);
  const auto sum = linear::Write::accumulate;
  linear::vjp(at.space, Arguments{{value.x, w.k}, d_a.k, {d.x, d_w.k}});
  linear::vjp(at.space, Arguments{{value.x, w.v}, d_a.v, {d.x, d_w.v, {}, sum}});
  linear::vjp(at.space, Arguments{{asking(value.x), w.q}, d_a.q, {asking(d.x), d_w.q, {}, sum}});
}

template <class Space, class Scalar>
void AttentionLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  using Arguments = linear::JvpArguments<Scalar>;
  const Projected a = projected(m_value, value.x), a_dot = projected(m_dot, value.x);
  const std::int64_t b = value.x.extent[0] * value.x.extent[1] / m_form.tokens;
  project(at, value, a);
  const auto w = weights(value.theta), w_dot = weights(dot.theta);
  linear::jvp(at.space, Arguments{{asking(value.x), w.q}, {asking(dot.x), w_dot.q}, a_dot.q});
  linear::jvp(at.space, Arguments{{value.x, w.k}, {dot.x, w_dot.k}, a_dot.k});
  linear::jvp(at.space, Arguments{{value.x, w.v}, {dot.x, w_dot.v}, a_dot.v});
  if (m_form.linear) {
    linear_attention::jvp(
        at.space,
        linear_attention::JvpArguments<Scalar>{group<Scalar, linear_attention::Inputs>(a, b),
                                               group<Scalar, linear_attention::Inputs>(a_dot, b),
                                               heads<Scalar>(value.y, b), heads<Scalar>(dot.y, b)},
        at.workspace);
    return;
  }
  on_elements([&]<class Element>() {
    sdpa::jvp(at.space, options(),
              sdpa::JvpArguments<Element>{.in = group<Element, sdpa::Inputs>(a, b),
                                          .dot = group<Element, sdpa::Tangents>(a_dot, b),
                                          .out = {heads<Element>(value.y, b), lse(value.x)},
                                          .out_dot = {.o = heads<Element>(dot.y, b)}},
              at.workspace);
  });
}

template <class Space, class Scalar>
void AttentionLayer<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                        const Out& d_dot) {
  const typename Scratch<Space, Scalar>::Frame frame(at.scratch);
  const Projected a = projected(m_value, value.x), a_dot = projected(m_dot, value.x);
  const Projected d_a = take(at, value.x), d_a_dot = take(at, value.x);
  const std::int64_t b = value.x.extent[0] * value.x.extent[1] / m_form.tokens;
  if (m_form.linear) {
    linear_attention::hvp(
        at.space,
        linear_attention::HvpArguments<Scalar>{
            group<Scalar, linear_attention::Inputs>(a, b), heads<const Scalar>(d.y, b),
            group<Scalar, linear_attention::Inputs>(a_dot, b), heads<const Scalar>(d_dot.y, b),
            group<Scalar, linear_attention::Cotangents>(d_a, b),
            group<Scalar, linear_attention::Cotangents>(d_a_dot, b)},
        at.workspace);
  } else {
    on_elements([&]<class Element>() {
      sdpa::hvp(at.space, options(),
                sdpa::HvpArguments<Element>{.in = group<Element, sdpa::Inputs>(a, b),
                                            .d_o = heads<const Element>(d.y, b),
                                            .dot = group<Element, sdpa::Tangents>(a_dot, b),
                                            .d_o_dot = heads<const Element>(d_dot.y, b),
                                            .d = group<Element, sdpa::Cotangents>(d_a, b),
                                            .d_dot = group<Element, sdpa::Cotangents>(d_a_dot, b)},
                at.workspace);
    });
  }
  const auto w = weights(value.theta), w_dot = weights(dot.theta);
  const auto d_w_dot = weights(d_dot.theta);
  const auto sum = linear::Write::accumulate;
  if (d.x) {
    using Vjp = linear::VjpArguments<Scalar>;
    linear::vjp(at.space, Vjp{{value.x, w.k}, d_a.k, {d.x}});
    linear::vjp(at.space, Vjp{{value.x, w.v}, d_a.v, {d.x, {}, {}, sum}});
    linear::vjp(at.space, Vjp{{asking(value.x), w.q}, d_a.q, {asking(d.x), {}, {}, sum}});
  }
  using Hvp = linear::HvpArguments<Scalar>;
  linear::hvp(at.space,
              Hvp{{value.x, w.k}, d_a.k, {dot.x, w_dot.k}, d_a_dot.k, {d_dot.x, d_w_dot.k}});
  linear::hvp(
      at.space,
      Hvp{{value.x, w.v}, d_a.v, {dot.x, w_dot.v}, d_a_dot.v, {d_dot.x, d_w_dot.v, {}, sum}});
  linear::hvp(at.space, Hvp{{asking(value.x), w.q},
                            d_a.q,
                            {asking(dot.x), w_dot.q},
                            d_a_dot.q,
                            {asking(d_dot.x), d_w_dot.q, {}, sum}});
}

#define THERIA_INSTANTIATE(SPACE)              \
  template class AttentionLayer<SPACE, float>; \
  template class AttentionLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

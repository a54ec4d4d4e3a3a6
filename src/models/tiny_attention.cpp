// SPDX-License-Identifier: Apache-2.0
#include "src/models/tiny_attention.hpp"

#include "kernels/cross_entropy/forward.hpp"
#include "kernels/cross_entropy/hvp.hpp"
#include "kernels/cross_entropy/vjp.hpp"
#include "kernels/linear/forward.hpp"
#include "kernels/linear/hvp.hpp"
#include "kernels/linear/jvp.hpp"
#include "kernels/linear/vjp.hpp"
#include "kernels/sdpa/forward.hpp"
#include "kernels/sdpa/hvp.hpp"
#include "kernels/sdpa/jvp.hpp"
#include "kernels/sdpa/vjp.hpp"
#include "kernels/sdpa/workspace_bytes.hpp"

namespace theria {
namespace {

/// The first `n` tasks and `rows` rows of a buffer (N, R, C) that is dense for n and rows.
template <class View>
Array<typename View::value_type, 3> first(const View& view, std::int64_t n, std::int64_t rows) {
  return dense_array(view.data(), n, rows, static_cast<std::int64_t>(view.extent(2)));
}

/// Rows (n, s·t, c) of tokens seen as (n, s, c): the first token of every sequence.
template <class T>
Array<T, 3> first_tokens(Array<T, 3> rows, int tokens) {
  rows.extent[1] /= tokens;
  rows.stride[1] *= tokens;
  return rows;
}

/// Rows (n, s·t, c), dense, as one head of attention a sequence: (n·s, 1, t, c).
template <class T>
Array<T, 4> heads(const Array<T, 3>& rows, std::int64_t tokens) {
  return dense_array(rows.data, rows.extent[0] * rows.extent[1] / tokens, 1, tokens,
                     rows.extent[2]);
}

}  // namespace

template <class Space, class Scalar>
void TinyAttention<Space, Scalar>::Activations::allocate(const Size& size, bool embedded,
                                                         const std::string& what) {
  const int rows = size.sequences * size.tokens;
  const auto make = [&](const char* name, int count, int cols) {
    return ViewOn<Scalar***, Space>(
        Kokkos::view_alloc("theria::tiny_attention::" + what + "::" + name,
                           Kokkos::WithoutInitializing),
        size.tasks, count, cols);
  };
  if (embedded) h = make("h", rows, size.width);
  k = make("k", rows, size.width);
  v = make("v", rows, size.width);
  q = make("q", size.sequences, size.width);
  o = make("o", size.sequences, size.width);
  logits = make("logits", size.sequences, size.classes);
  lse = ViewOn<Scalar*, Space>("theria::tiny_attention::" + what + "::lse",
                               std::size_t(size.tasks) * size.sequences);
}

/// One batch and the buffers, cut to its tasks and sequences.
template <class Space, class Scalar>
struct TinyAttention<Space, Scalar>::Shape {
  struct Set {
    Array<Scalar, 3> h{}, k, v, q, o, logits;
    Array<Scalar, 3> lse;  // (n·s, 1, 1)
    std::optional<Storage> narrow;

    Set(const Activations& a, std::int64_t n, std::int64_t s, std::int64_t t,
        std::optional<Storage> storage)
        : k(first(a.k, n, s * t)),
          v(first(a.v, n, s * t)),
          q(first(a.q, n, s)),
          o(first(a.o, n, s)),
          logits(first(a.logits, n, s)),
          lse(dense_array(a.lse.data(), n * s, 1, 1)),
          narrow(storage) {
      if (a.h.data() != nullptr) h = first(a.h, n, s * t);
    }
    /// Rows as heads of Elements.
    template <class Element>
    Array<Element, 4> heads_of(const Array<Scalar, 3>& rows, std::int64_t t) const {
      if constexpr (std::is_same_v<Element, Narrow>) {
        return {heads(rows, t), *narrow};
      } else {
        return heads(rows, t);
      }
    }
    template <class Element>
    sdpa::Inputs<Element> attention(std::int64_t t) const {
      return {
          .q = heads_of<Element>(q, 1), .k = heads_of<Element>(k, t), .v = heads_of<Element>(v, t)};
    }
    template <class Element>
    sdpa::Tangents<Element> attention_tangents(std::int64_t t) const {
      return {
          .q = heads_of<Element>(q, 1), .k = heads_of<Element>(k, t), .v = heads_of<Element>(v, t)};
    }
    template <class Element>
    sdpa::Cotangents<Element> attention_cotangents(std::int64_t t) const {
      return {
          .q = heads_of<Element>(q, 1), .k = heads_of<Element>(k, t), .v = heads_of<Element>(v, t)};
    }
    template <class Element>
    sdpa::Output<Element> output() const {
      return {.o = heads_of<Element>(o, 1), .lse = lse};
    }
  };

  int tokens;
  Array<const Scalar, 3> x;             // (n, s·t, features)
  Array<const std::int32_t, 2> labels;  // (n, s)
  Array<const Scalar, 3> h;             // x or the embedded x
  sdpa::Options options;
  Set value, dot, d, d_dot;

  Shape(const TinyAttention& model, const Batch<Space, Scalar>& batch)
      : tokens(model.m_size.tokens),
        x(dense_array(static_cast<const Scalar*>(batch.x.data()), batch.x.extent(0),
                      batch.x.extent(1) * batch.x.extent(2), batch.x.extent(3))),
        labels(batch.y),
        options{.scale = sdpa::default_scale(model.m_size.width)},
        value(model.m_value, x.extent[0], labels.extent[1], tokens, model.m_size.narrow),
        dot(model.m_dot, x.extent[0], labels.extent[1], tokens, model.m_size.narrow),
        d(model.m_d, x.extent[0], labels.extent[1], tokens, model.m_size.narrow),
        d_dot(model.m_d_dot, x.extent[0], labels.extent[1], tokens, model.m_size.narrow) {
    if (model.m_embedded) {
      h = value.h;
    } else {
      h = x;
    }
  }
};

template <class Space, class Scalar>
TinyAttention<Space, Scalar>::TinyAttention(const Size& size, const ParameterLayout& layout)
    : m_size(size), m_layout(layout), m_embedded(layout.has("embedding")) {
  m_value.allocate(size, m_embedded, "value");
  m_dot.allocate(size, m_embedded, "dot");
  m_d.allocate(size, m_embedded, "d");
  m_d_dot.allocate(size, m_embedded, "d_dot");
}

template <class Space, class Scalar>
template <class Function>
void TinyAttention<Space, Scalar>::attend(const Function& f) const {
  if constexpr (std::is_same_v<Scalar, float>)
    if (m_size.narrow) return f.template operator()<Narrow>();
  f.template operator()<Scalar>();
}

template <class Space, class Scalar>
std::size_t TinyAttention<Space, Scalar>::buffer_bytes(const Size& size, bool embedded,
                                                       bool on_gpu) {
  const std::size_t rows = std::size_t(size.sequences) * size.tokens;
  const std::size_t numbers = rows * size.width * (embedded ? 3 : 2) +
                              std::size_t(size.sequences) * (2 * size.width + size.classes + 1);
  const sdpa::CallSize attention{.heads = std::size_t(size.tasks) * size.sequences,
                                 .tq = 1,
                                 .tk = size.tokens,
                                 .d = size.width,
                                 .dv = size.width};
  const std::size_t workspace = size.narrow ? sdpa::hvp_workspace_bytes<Narrow>(attention, on_gpu)
                                            : sdpa::hvp_workspace_bytes<Scalar>(attention, on_gpu);
  return size.tasks * 4 * numbers * sizeof(Scalar) + workspace;
}

template <class Space, class Scalar>
template <class Element>
auto TinyAttention<Space, Scalar>::split(const Array<Element, 2>& theta) const -> Weights<Element> {
  const auto matrix = [&](const char* name) {
    const ParameterBlock& block = m_layout.block(name);
    Array<Element, 3> w;
    w.data = theta.data + block.offset;
    w.extent = {theta.extent[0], std::int64_t(block.shape[0]), std::int64_t(block.shape[1])};
    w.stride = {theta.stride[0], std::int64_t(block.shape[1]), 1};
    return w;
  };
  Weights<Element> w{.q = matrix("q_proj"),
                     .k = matrix("k_proj"),
                     .v = matrix("v_proj"),
                     .classifier = matrix("classifier_weight")};
  if (m_embedded) w.embedding = matrix("embedding");
  w.bias.data = theta.data + m_layout.block("classifier_bias").offset;
  w.bias.extent = {theta.extent[0], m_size.classes};
  w.bias.stride = {theta.stride[0], 1};
  return w;
}

template <class Space, class Scalar>
void TinyAttention<Space, Scalar>::forward(const Space& space, const Weights<const Scalar>& w,
                                           const Shape& s) {
  using Args = linear::ForwardArguments<Scalar>;
  const auto& a = s.value;
  if (m_embedded) linear::forward(space, Args{{s.x, w.embedding}, a.h});  // (1)
  linear::forward(space, Args{{first_tokens(s.h, s.tokens), w.q}, a.q});  // (2)
  linear::forward(space, Args{{s.h, w.k}, a.k});
  linear::forward(space, Args{{s.h, w.v}, a.v});
  attend([&]<class Element>() {  // (3)
    using Arguments = sdpa::ForwardArguments<Element>;
    sdpa::forward(space, s.options,
                  Arguments{a.template attention<Element>(s.tokens), a.template output<Element>()},
                  m_workspace);
  });
  linear::forward(space, Args{{a.o, w.classifier, w.bias}, a.logits});  // (4)
}

template <class Space, class Scalar>
void TinyAttention<Space, Scalar>::loss(const Space& space, const Parameters<Scalar>& theta,
                                        const Batch<Space, Scalar>& batch, const Scores& scores) {
  const Shape s(*this, batch);
  forward(space, split(theta), s);
  cross_entropy::forward(space, cross_entropy::ForwardArguments<Scalar>{
                                    s.value.logits, s.labels, scores.loss, scores.accuracy});
}

template <class Space, class Scalar>
void TinyAttention<Space, Scalar>::gradient(const Space& space, const Parameters<Scalar>& theta,
                                            const Batch<Space, Scalar>& batch,
                                            const Array<Scalar, 2>& d_theta, const Scores& scores) {
  using Vjp = linear::VjpArguments<Scalar>;
  const Shape s(*this, batch);
  const Weights<const Scalar> w = split(theta);
  const Weights<Scalar> d_w = split(d_theta);
  const auto &a = s.value, &d = s.d;
  forward(space, w, s);
  if (scores.loss)
    cross_entropy::forward(space, cross_entropy::ForwardArguments<Scalar>{
                                      a.logits, s.labels, scores.loss, scores.accuracy});

  cross_entropy::vjp(space, cross_entropy::VjpArguments<Scalar>{a.logits, s.labels, d.logits});
  linear::vjp(space, Vjp{{a.o, w.classifier, w.bias}, d.logits, {d.o, d_w.classifier, d_w.bias}});
  attend([&]<class Element>() {
    const auto saved = a.template output<Element>();
    sdpa::vjp(space, s.options,
              sdpa::VjpArguments<Element>{.in = a.template attention<Element>(s.tokens),
                                          .saved = {saved.o, saved.lse},
                                          .d_o = d.template heads_of<Element>(d.o, 1),
                                          .d = d.template attention_cotangents<Element>(s.tokens)},
              m_workspace);
  });
  // h feeds k, v and, with its first token, q: its cotangent is the sum of three.
  const auto h_0 = first_tokens(s.h, s.tokens);
  const auto d_h_0 = first_tokens(d.h, s.tokens);
  linear::vjp(space, Vjp{{s.h, w.k}, d.k, {d.h, d_w.k}});
  linear::vjp(space, Vjp{{s.h, w.v}, d.v, {d.h, d_w.v, {}, linear::Write::accumulate}});
  linear::vjp(space, Vjp{{h_0, w.q}, d.q, {d_h_0, d_w.q, {}, linear::Write::accumulate}});
  if (m_embedded) linear::vjp(space, Vjp{{s.x, w.embedding}, d.h, {{}, d_w.embedding}});
}

template <class Space, class Scalar>
void TinyAttention<Space, Scalar>::hvp(const Space& space, const Parameters<Scalar>& theta,
                                       const Parameters<Scalar>& theta_dot,
                                       const Batch<Space, Scalar>& batch,
                                       const Array<Scalar, 2>& d_theta_dot) {
  using Jvp = linear::JvpArguments<Scalar>;
  using Vjp = linear::VjpArguments<Scalar>;
  using Hvp = linear::HvpArguments<Scalar>;
  const Shape s(*this, batch);
  const Weights<const Scalar> w = split(theta), w_dot = split(theta_dot);
  const Weights<Scalar> d_w_dot = split(d_theta_dot);
  const auto &a = s.value, &dot = s.dot, &d = s.d, &d_dot = s.d_dot;
  const int t = s.tokens;

  // Forward, with tangents; (3) writes its value and its tangent at once.
  Array<const Scalar, 3> h_dot;
  if (m_embedded) {
    linear::forward(space, linear::ForwardArguments<Scalar>{{s.x, w.embedding}, a.h});
    linear::jvp(space, Jvp{{s.x, w.embedding}, {{}, w_dot.embedding}, dot.h});
    h_dot = dot.h;
  }
  const auto project = [&](const auto& h, const auto& tangent, const auto& weight,
                           const auto& weight_dot, const auto& y, const auto& y_dot) {
    linear::forward(space, linear::ForwardArguments<Scalar>{{h, weight}, y});
    linear::jvp(space, Jvp{{h, weight}, {tangent, weight_dot}, y_dot});
  };
  const auto h_0 = first_tokens(s.h, t), h_0_dot = first_tokens(h_dot, t);
  project(h_0, h_0_dot, w.q, w_dot.q, a.q, dot.q);
  project(s.h, h_dot, w.k, w_dot.k, a.k, dot.k);
  project(s.h, h_dot, w.v, w_dot.v, a.v, dot.v);
  attend([&]<class Element>() {
    sdpa::jvp(
        space, s.options,
        sdpa::JvpArguments<Element>{.in = a.template attention<Element>(t),
                                    .dot = dot.template attention_tangents<Element>(t),
                                    .out = a.template output<Element>(),
                                    .out_dot = {.o = dot.template heads_of<Element>(dot.o, 1)}},
        m_workspace);
  });
  linear::forward(space, linear::ForwardArguments<Scalar>{{a.o, w.classifier, w.bias}, a.logits});
  linear::jvp(space, Jvp{{a.o, w.classifier}, {dot.o, w_dot.classifier, w_dot.bias}, dot.logits});

  // Backward, with tangents.
  cross_entropy::hvp(space, cross_entropy::HvpArguments<Scalar>{a.logits, s.labels, dot.logits,
                                                                d.logits, d_dot.logits});
  const linear::Inputs<Scalar> head{a.o, w.classifier};
  linear::vjp(space, Vjp{head, d.logits, {d.o}});
  linear::hvp(space, Hvp{head,
                         d.logits,
                         {dot.o, w_dot.classifier},
                         d_dot.logits,
                         {d_dot.o, d_w_dot.classifier, d_w_dot.bias}});
  attend([&]<class Element>() {
    sdpa::hvp(space, s.options,
              sdpa::HvpArguments<Element>{.in = a.template attention<Element>(t),
                                          .d_o = d.template heads_of<Element>(d.o, 1),
                                          .dot = dot.template attention_tangents<Element>(t),
                                          .d_o_dot = d_dot.template heads_of<Element>(d_dot.o, 1),
                                          .d = d.template attention_cotangents<Element>(t),
                                          .d_dot = d_dot.template attention_cotangents<Element>(t)},
              m_workspace);
  });
  const auto d_h_0_dot = first_tokens(d_dot.h, t);
  const auto sum = linear::Write::accumulate;
  linear::hvp(space, Hvp{{s.h, w.k}, d.k, {h_dot, w_dot.k}, d_dot.k, {d_dot.h, d_w_dot.k}});
  linear::hvp(space,
              Hvp{{s.h, w.v}, d.v, {h_dot, w_dot.v}, d_dot.v, {d_dot.h, d_w_dot.v, {}, sum}});
  linear::hvp(space,
              Hvp{{h_0, w.q}, d.q, {h_0_dot, w_dot.q}, d_dot.q, {d_h_0_dot, d_w_dot.q, {}, sum}});
  // x has no tangent, so the embedding's product needs the tangent of h's cotangent alone.
  if (m_embedded) linear::vjp(space, Vjp{{s.x, w.embedding}, d_dot.h, {{}, d_w_dot.embedding}});
}

#define THERIA_INSTANTIATE(SPACE)             \
  template class TinyAttention<SPACE, float>; \
  template class TinyAttention<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

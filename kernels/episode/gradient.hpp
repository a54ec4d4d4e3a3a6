// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/samples.hpp"

namespace theria::episode {

/// Where the operands of a step are: with an embedding in the space of the width, without one in that of the inputs,
/// which is the same. The sweep reads h_0, d_u and d_a of the step that undo_step() went back to.
template <class Scalar>
struct Operands {
  Matrix<const Scalar> h_0;            // (B,D)
  Matrix<Scalar> u, d_u, d_q, a, d_a;  // (B,D) (B,D) (B,D) (C,D) (C,D)

  Operands(const Shape& s, const Samples<Scalar>& set, const Kept<Scalar>& kept,
           const Work<Scalar>& work)
      : h_0(s.embedded ? Matrix<const Scalar>(work.h_0) : set.first()),
        u(s.embedded ? kept.u : work.u),
        d_u(s.embedded ? work.d_u : kept.d_u_in),
        d_q(s.embedded ? kept.d_q : work.d_q),
        a(s.embedded ? kept.a : kept.a_in),
        d_a(s.embedded ? work.d_a : kept.d_a_in) {}
};

/// d_u = d_ũ Eᵀ and d_A = d_Ã Eᵀ, by work.embedding_turned.
template <class On, class Scalar>
void leave_inputs(const Shape& s, const Kept<Scalar>& kept, const Work<Scalar>& work, int count) {
  using enum Write;
  const Matrix<Scalar> turned = work.embedding_turned;
  On::product(work.d_a, overwrite, 1, plain(kept.d_a_in), turned, s.classes, turned.ld, s.features);
  On::product(work.d_u, overwrite, 1, plain(kept.d_u_in), turned, count, turned.ld, s.features);
}

/// The loss of TinyAttention on one set of one task, with neither a key, a value nor a head formed: only
/// token 0 asks, so that the keys are absorbed into its query and, classes being few, the values into the
/// classifier. With c = 1/√D:
///
///     (1) h_0 = x_0 Eᵀ, or x_0    (2) q = h_0 W_qᵀ
///     (3) u = c q W_k   ũ = u E   (4) A = W_c W_v   Ã = A E   (5) (6) (7) of attend()
///
/// and what of its gradient concerns single samples; (8) d_Ã = Σ_b d_logits z̃ᵀ.
template <class On, class Scalar>
void evaluate(const Shape& shape, const Weights<Scalar>& w, const Samples<Scalar>& set,
              const Kept<Scalar>& kept, const Work<Scalar>& work) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int width = w.k.ld, features = work.d_z_in.ld, classes = shape.classes, count = set.count;
  const int d = shape.width;
  const Operands<Scalar> at(shape, set, kept, work);
  if (shape.embedded) {
    On::transpose(work.embedding_turned, w.embedding, width, features);
    On::product(work.h_0, overwrite, 1, plain(set.first()), work.embedding_turned, count, width,
                shape.features);  // (1)
  }
  On::product(kept.q, overwrite, 1, plain(at.h_0), w.q_turned, count, width, d);  // (2)
  On::product(at.u, overwrite, scale, plain(kept.q), w.k, count, width, d);       // (3)
  On::product(at.a, overwrite, 1, plain(w.classifier), w.v, classes, width, d);   // (4)
  if (shape.embedded) {
    On::product(work.u_in, overwrite, 1, plain(at.u), w.embedding, count, features, d);
    On::product(kept.a_in, overwrite, 1, plain(at.a), w.embedding, classes, features, d);
    On::copy(kept.embedding.data, w.embedding.data, width * features);
  }
  On::copy(kept.classifier.data, w.classifier.data, classes * width);
  attend<On>(shape, set, w.bias, kept, work);
  On::product(kept.d_a_in, overwrite, 1, turned(kept.d_logits), kept.z_in, classes, features,
              count);
}

/// out += factor · ∂loss/∂w after evaluate() at the same point; out may be w itself.
///
///     (8) d_A = d_Ã Eᵀ   (7) d_b = Σ_b d_logits   (4) d_W_v = W_cᵀ d_A   d_W_c = d_A W_vᵀ
///     (3) d_u = d_ũ Eᵀ   d_q = c d_u W_kᵀ   d_W_k = c qᵀ d_u   (2) d_W_q = d_qᵀ h_0
///     (1) d_E = uᵀ d_ũ + Aᵀ d_Ã + d_h_0ᵀ x_0   d_h_0 = d_q W_q
template <class On, class Scalar>
void add_gradient(const Shape& shape, const Weights<Scalar>& w, const Samples<Scalar>& set,
                  const Kept<Scalar>& kept, const Work<Scalar>& work, Scalar factor,
                  const Weights<Scalar>& out) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int width = w.k.ld, features = work.d_z_in.ld, classes = shape.classes, count = set.count;
  const int d = shape.width;
  const Operands<Scalar> at(shape, set, kept, work);
  if (shape.embedded) leave_inputs<On>(shape, kept, work, count);
  On::transpose(work.turned, w.v, width, width);
  On::product(work.d_classifier, overwrite, 1, plain(at.d_a), work.turned, classes, width, d);
  On::transpose(work.turned, w.k, width, width);
  On::product(at.d_q, overwrite, scale, plain(at.d_u), work.turned, count, width, d);
  if (shape.embedded) {
    On::transpose(work.turned, w.q_turned, width, width);
    On::product(work.d_h_0, overwrite, 1, plain(at.d_q), work.turned, count, width, d);
    On::product(out.embedding, accumulate, factor, turned(at.u), kept.d_u_in, d, features, count);
    On::product(out.embedding, accumulate, factor, turned(at.a), kept.d_a_in, d, features, classes);
    On::product(out.embedding, accumulate, factor, turned(work.d_h_0), set.first(), d, features,
                count);
  }
  On::product(out.q_turned, accumulate, factor, turned(at.h_0), at.d_q, d, width, count);
  On::product(out.k, accumulate, factor * scale, turned(kept.q), at.d_u, d, width, count);
  On::product(out.v, accumulate, factor, turned(kept.classifier), at.d_a, d, width, classes);
  On::for_each(classes * width,
               [&](int i) { out.classifier.data[i] += factor * work.d_classifier.data[i]; });
  for (int b = 0; b < count; ++b)
    On::for_each(classes, [&](int c) { out.bias[c] += factor * kept.d_logits.row(b)[c]; });
}

}  // namespace theria::episode

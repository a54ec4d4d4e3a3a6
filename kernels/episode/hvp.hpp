// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/gradient.hpp"

namespace theria::episode {

/// Goes back from θ_{k+1} = θ_k − α g(θ_k) to what a Hessian-vector product at θ_k reads of it, by the factors
/// of that step: d_W_k = c qᵀ d_u, d_W_v = W_cᵀ d_A, d_W_q = d_qᵀ h_0. Without an embedding W_q is
/// not read. h_0, d_u and d_A of the step are what Operands give afterwards.
template <class On, class Scalar>
void undo_step(const Shape& shape, const Samples<Scalar>& set, const Kept<Scalar>& kept,
               const Work<Scalar>& work, Scalar rate, const Weights<Scalar>& w) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int width = w.k.ld, features = work.d_z_in.ld, classes = shape.classes, count = set.count;
  const int d = shape.width;
  const Operands<Scalar> at(shape, set, kept, work);
  if (shape.embedded) {
    On::copy(w.embedding.data, kept.embedding.data, width * features);
    On::transpose(work.embedding_turned, w.embedding, width, features);
    On::product(work.h_0, overwrite, 1, plain(set.first()), work.embedding_turned, count, width,
                shape.features);
    leave_inputs<On>(shape, kept, work, count);
    On::product(w.q_turned, accumulate, rate, turned(at.h_0), at.d_q, d, width, count);
  }
  On::product(w.k, accumulate, rate * scale, turned(kept.q), at.d_u, d, width, count);
  On::product(w.v, accumulate, rate, turned(kept.classifier), at.d_a, d, width, classes);
  On::copy(w.classifier.data, kept.classifier.data, classes * width);
}

/// dot += factor · (∂²loss/∂w²) dot after undo_step() to the same point: the derivative of evaluate() and
/// add_gradient(), line by line, along dot.
///
///     (1) ḣ_0 = x_0 Ėᵀ   (2) q̇ = h_0 Ẇ_qᵀ + ḣ_0 W_qᵀ   (3) u̇ = c (q̇ W_k + q Ẇ_k)   ũ̇ = u̇ E + u Ė
///     (4) Ȧ = Ẇ_c W_v + W_c Ẇ_v   Ã̇ = Ȧ E + A Ė   (5) (6) (7) of attend_dot()
///     (8) d_Ã_dot = Σ_b d_logits_dot z̃ᵀ + d_logits z̃̇ᵀ   d_A_dot = d_Ã_dot Eᵀ + d_Ã Ėᵀ
///     (4) d_W_v_dot = Ẇ_cᵀ d_A + W_cᵀ d_A_dot   d_W_c_dot = d_A_dot W_vᵀ + d_A Ẇ_vᵀ
///     (3) d_u_dot = d_ũ_dot Eᵀ + d_ũ Ėᵀ   d_q_dot = c (d_u_dot W_kᵀ + d_u Ẇ_kᵀ)
///         d_W_k_dot = c (q̇ᵀ d_u + qᵀ d_u_dot)   (2) d_W_q_dot = d_q_dotᵀ h_0 + d_qᵀ ḣ_0
///     (1) d_E_dot = u̇ᵀ d_ũ + uᵀ d_ũ_dot + Ȧᵀ d_Ã + Aᵀ d_Ã_dot + d_h_0_dotᵀ x_0
///         d_h_0_dot = d_q_dot W_q + d_q Ẇ_q
template <class On, class Scalar>
void add_hvp(const Shape& shape, const Weights<Scalar>& w, const Samples<Scalar>& set,
             const Kept<Scalar>& kept, const Work<Scalar>& work, Scalar factor,
             const Weights<Scalar>& dot) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int width = w.k.ld, features = work.d_z_in.ld, classes = shape.classes, count = set.count;
  const int d = shape.width, f = shape.features;
  const bool embedded = shape.embedded;
  const Matrix<const Scalar> x_0 = set.first();
  const Operands<Scalar> at(shape, set, kept, work);

  On::product(work.q_dot, overwrite, 1, plain(at.h_0), dot.q_turned, count, width, d);  // (2)
  if (embedded) {
    On::transpose(work.embedding_dot_turned, dot.embedding, width, features);
    On::product(work.h_0_dot, overwrite, 1, plain(x_0), work.embedding_dot_turned, count, width,
                f);  // (1)
    On::product(work.q_dot, accumulate, 1, plain(work.h_0_dot), w.q_turned, count, width, d);
  }
  On::product(work.u_dot, overwrite, scale, plain(work.q_dot), w.k, count, width, d);  // (3)
  On::product(work.u_dot, accumulate, scale, plain(kept.q), dot.k, count, width, d);
  On::product(work.a_dot, overwrite, 1, plain(dot.classifier), w.v, classes, width, d);  // (4)
  On::product(work.a_dot, accumulate, 1, plain(kept.classifier), dot.v, classes, width, d);
  if (embedded) {
    On::product(work.u_in_dot, overwrite, 1, plain(work.u_dot), w.embedding, count, features, d);
    On::product(work.u_in_dot, accumulate, 1, plain(at.u), dot.embedding, count, features, d);
    On::product(work.a_in_dot, overwrite, 1, plain(work.a_dot), w.embedding, classes, features, d);
    On::product(work.a_in_dot, accumulate, 1, plain(at.a), dot.embedding, classes, features, d);
  }
  attend_dot<On>(shape, set, dot.bias, kept, work);  // (5) (6) (7)

  // (8)
  Matrix<Scalar> d_a_in_dot = work.d_a_in_dot, d_u_dot = work.d_u_in_dot, d_a_dot = d_a_in_dot;
  On::product(d_a_in_dot, overwrite, 1, turned(work.d_logits_dot), kept.z_in, classes, features,
              count);
  On::product(d_a_in_dot, accumulate, 1, turned(kept.d_logits), work.z_in_dot, classes, features,
              count);
  if (embedded) {
    d_a_dot = work.d_a_dot;
    d_u_dot = work.d_u_dot;
    On::product(d_a_dot, overwrite, 1, plain(d_a_in_dot), work.embedding_turned, classes, width, f);
    On::product(d_a_dot, accumulate, 1, plain(kept.d_a_in), work.embedding_dot_turned, classes,
                width, f);
    On::product(d_u_dot, overwrite, 1, plain(work.d_u_in_dot), work.embedding_turned, count, width,
                f);
    On::product(d_u_dot, accumulate, 1, plain(kept.d_u_in), work.embedding_dot_turned, count, width,
                f);
  }
  On::transpose(work.turned, w.v, width, width);
  On::product(work.d_classifier, overwrite, 1, plain(d_a_dot), work.turned, classes, width, d);
  On::transpose(work.turned, dot.v, width, width);
  On::product(work.d_classifier, accumulate, 1, plain(at.d_a), work.turned, classes, width, d);
  On::transpose(work.turned, w.k, width, width);
  On::product(work.d_q_dot, overwrite, scale, plain(d_u_dot), work.turned, count, width, d);
  On::transpose(work.turned, dot.k, width, width);
  On::product(work.d_q_dot, accumulate, scale, plain(at.d_u), work.turned, count, width, d);
  if (embedded) {
    On::transpose(work.turned, w.q_turned, width, width);
    On::product(work.d_h_0, overwrite, 1, plain(work.d_q_dot), work.turned, count, width, d);
    On::transpose(work.turned, dot.q_turned, width, width);
    On::product(work.d_h_0, accumulate, 1, plain(at.d_q), work.turned, count, width, d);
    On::product(dot.embedding, accumulate, factor, turned(work.u_dot), kept.d_u_in, d, features,
                count);
    On::product(dot.embedding, accumulate, factor, turned(at.u), work.d_u_in_dot, d, features,
                count);
    On::product(dot.embedding, accumulate, factor, turned(work.a_dot), kept.d_a_in, d, features,
                classes);
    On::product(dot.embedding, accumulate, factor, turned(at.a), d_a_in_dot, d, features, classes);
    On::product(dot.embedding, accumulate, factor, turned(work.d_h_0), x_0, d, features, count);
    On::product(dot.q_turned, accumulate, factor, turned(work.h_0_dot), at.d_q, d, width, count);
  }
  // From here on dot is overwritten: what follows reads each part of it before changing it.
  On::product(dot.q_turned, accumulate, factor, turned(at.h_0), work.d_q_dot, d, width, count);
  On::product(dot.k, accumulate, factor * scale, turned(work.q_dot), at.d_u, d, width, count);
  On::product(dot.k, accumulate, factor * scale, turned(kept.q), d_u_dot, d, width, count);
  On::product(dot.v, accumulate, factor, turned(dot.classifier), at.d_a, d, width, classes);
  On::product(dot.v, accumulate, factor, turned(kept.classifier), d_a_dot, d, width, classes);
  On::for_each(classes * width,
               [&](int i) { dot.classifier.data[i] += factor * work.d_classifier.data[i]; });
  for (int b = 0; b < count; ++b)
    On::for_each(classes, [&](int c) { dot.bias[c] += factor * work.d_logits_dot.row(b)[c]; });
}

}  // namespace theria::episode

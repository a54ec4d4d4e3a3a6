// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/samples.hpp"

namespace theria::episode {

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
  Left<Scalar, false> h_0 = plain(set.first());
  int inputs = shape.features;
  if (shape.embedded) {
    On::transpose(work.embedding_turned, w.embedding, width, features);
    On::product(work.h_0, overwrite, 1, h_0, work.embedding_turned, count, width, inputs);  // (1)
    h_0 = plain(work.h_0);
    inputs = shape.width;
  }
  const Matrix<Scalar> u = shape.embedded ? kept.u : work.u;
  const Matrix<Scalar> a = shape.embedded ? kept.a : kept.a_in;
  On::product(kept.q, overwrite, 1, h_0, w.q_turned, count, width, inputs);             // (2)
  On::product(u, overwrite, scale, plain(kept.q), w.k, count, width, shape.width);      // (3)
  On::product(a, overwrite, 1, plain(w.classifier), w.v, classes, width, shape.width);  // (4)
  if (shape.embedded) {
    On::product(work.u_in, overwrite, 1, plain(u), w.embedding, count, features, shape.width);
    On::product(kept.a_in, overwrite, 1, plain(a), w.embedding, classes, features, shape.width);
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
  Matrix<Scalar> d_a = kept.d_a_in, d_u = kept.d_u_in, d_q = work.d_q;
  Left<Scalar, true> h_0 = turned(set.first());
  if (shape.embedded) {
    d_a = work.d_a;
    d_u = work.d_u;
    d_q = kept.d_q;
    h_0 = turned(work.h_0);
    On::product(d_a, overwrite, 1, plain(kept.d_a_in), work.embedding_turned, classes, width,
                shape.features);
    On::product(d_u, overwrite, 1, plain(kept.d_u_in), work.embedding_turned, count, width,
                shape.features);
  }
  On::transpose(work.turned, w.v, width, width);
  On::product(work.d_classifier, overwrite, 1, plain(d_a), work.turned, classes, width,
              shape.width);
  On::transpose(work.turned, w.k, width, width);
  On::product(d_q, overwrite, scale, plain(d_u), work.turned, count, width, shape.width);
  if (shape.embedded) {
    On::transpose(work.turned, w.q_turned, width, width);
    On::product(work.d_h_0, overwrite, 1, plain(d_q), work.turned, count, width, shape.width);
    On::product(out.embedding, accumulate, factor, turned(kept.u), kept.d_u_in, shape.width,
                features, count);
    On::product(out.embedding, accumulate, factor, turned(kept.a), kept.d_a_in, shape.width,
                features, classes);
    On::product(out.embedding, accumulate, factor, turned(work.d_h_0), set.first(), shape.width,
                features, count);
  }
  On::product(out.q_turned, accumulate, factor, h_0, d_q, shape.width, width, count);
  On::product(out.k, accumulate, factor * scale, turned(kept.q), d_u, shape.width, width, count);
  On::product(out.v, accumulate, factor, turned(kept.classifier), d_a, shape.width, width, classes);
  On::for_each(classes * width,
               [&](int i) { out.classifier.data[i] += factor * work.d_classifier.data[i]; });
  for (int b = 0; b < count; ++b)
    On::for_each(classes, [&](int c) { out.bias[c] += factor * kept.d_logits.row(b)[c]; });
}

}  // namespace theria::episode

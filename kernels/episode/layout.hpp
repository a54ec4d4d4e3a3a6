// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/arguments.hpp"
#include "kernels/episode/carver.hpp"

namespace theria::episode {

/// Parameters of one task, or a vector of their space. Rows and columns past the last, up to whole lines, are zeros,
/// and stay so.
template <class Scalar>
struct Weights {
  Matrix<Scalar> embedding;   // (D,F), where there is one
  Matrix<Scalar> q_turned;    // (in,out): W_qᵀ
  Matrix<Scalar> k, v;        // (out,in)
  Matrix<Scalar> classifier;  // (C,D)
  Matrix<Scalar> bias;        // (1,C)
  int rows;                   // that embedding, q_turned, k and v have room for
};

/// What a gradient leaves behind for the Hessian-vector product at the same point, and to find that point
/// again from the one after the step: the factors of the step.
template <class Scalar>
struct Kept {
  Matrix<Scalar> q;             // (B,D)
  Matrix<Scalar> z_in, d_u_in;  // (B,F)
  Matrix<Scalar> p, e;          // (B,T)
  Matrix<Scalar> pi, d_logits;  // (B,C)
  Matrix<Scalar> a_in, d_a_in;  // (C,F)
  Matrix<Scalar> classifier;    // (C,D)
  Matrix<Scalar> u, d_q, a;     // (B,D) (B,D) (C,D), with an embedding
  Matrix<Scalar> embedding;     // (D,F)

  Kept() = default;
  KOKKOS_INLINE_FUNCTION Kept(Carver& carve, const Shape& s, int samples) {
    q = carve.matrix<Scalar>(samples, s.width);
    z_in = carve.matrix<Scalar>(samples, s.features);
    d_u_in = carve.matrix<Scalar>(samples, s.features);
    p = carve.matrix<Scalar>(samples, s.tokens);
    e = carve.matrix<Scalar>(samples, s.tokens);
    pi = carve.matrix<Scalar>(samples, s.classes);
    d_logits = carve.matrix<Scalar>(samples, s.classes);
    a_in = carve.matrix<Scalar>(s.classes, s.features);
    d_a_in = carve.matrix<Scalar>(s.classes, s.features);
    classifier = carve.matrix<Scalar>(s.classes, s.width);
    if (!s.embedded) return;
    u = carve.matrix<Scalar>(samples, s.width);
    d_q = carve.matrix<Scalar>(samples, s.width);
    a = carve.matrix<Scalar>(s.classes, s.width);
    embedding = carve.matrix<Scalar>(carve.padded<Scalar>(s.width), s.features);
  }

  /// f(matrix of this, the same of other, rows) for all of them.
  template <class Function>
  KOKKOS_INLINE_FUNCTION void with(const Kept& other, const Shape& s, int samples,
                                   const Function& f) const {
    f(q, other.q, samples);
    f(z_in, other.z_in, samples);
    f(d_u_in, other.d_u_in, samples);
    f(p, other.p, samples);
    f(e, other.e, samples);
    f(pi, other.pi, samples);
    f(d_logits, other.d_logits, samples);
    f(a_in, other.a_in, s.classes);
    f(d_a_in, other.d_a_in, s.classes);
    f(classifier, other.classifier, s.classes);
    if (!s.embedded) return;
    f(u, other.u, samples);
    f(d_q, other.d_q, samples);
    f(a, other.a, s.classes);
    f(embedding, other.embedding, s.width);
  }
};

/// What lives within one gradient or one product. A name with _in is meant where it meets the inputs x;
/// without an embedding that is where it always is. Names of one line of the constructor share a place: the one is
/// done with, row by row, when the other comes.
template <class Scalar>
struct Work {
  Matrix<Scalar> embedding_turned, embedding_dot_turned, turned, dot_turned;  // (F,D) (F,D) (D,D)
  Matrix<Scalar> h_0, h_0_dot, u, u_dot, q_dot, d_q, d_q_dot, d_u, d_u_dot;   // (B,D)
  Matrix<Scalar> d_h_0;                                                       // (B,D)
  Matrix<Scalar> u_in, u_in_dot, d_z_in, z_in_dot, d_u_in_dot;                // (B,F)
  Matrix<Scalar> weight, token_row;                                           // (B,T)
  Matrix<Scalar> d_logits_dot, class_row;                                     // (B,C)
  Matrix<Scalar> a_dot, d_a, d_a_dot, d_classifier;                           // (C,D)
  Matrix<Scalar> a_in_dot, d_a_in_dot;                                        // (C,F)
  Scalar *loss, *right;                                                       // (B)

  Work() = default;
  KOKKOS_INLINE_FUNCTION Work(Carver& carve, const Shape& s) {
    const int samples = s.support > s.query ? s.support : s.query;
    const auto make = [&](int rows, int cols) { return carve.matrix<Scalar>(rows, cols); };
    weight = make(samples, s.tokens);
    token_row = make(samples, s.tokens);
    d_logits_dot = make(samples, s.classes);
    class_row = make(samples, s.classes);
    loss = carve.row<Scalar>(samples);
    right = carve.row<Scalar>(samples);
    a_dot = make(s.classes, s.width);
    d_a_dot = make(s.classes, s.width);
    d_classifier = make(s.classes, s.width);
    u = u_dot = make(samples, s.width);
    d_q = d_q_dot = make(samples, s.width);
    q_dot = make(samples, s.width);
    d_z_in = d_u_in_dot = make(samples, s.features);
    if (s.embedded || !carve.storage().turns_copies) h_0 = make(samples, s.width);
    if (s.embedded) {
      u_in = u_in_dot = z_in_dot = make(samples, s.features);
      h_0_dot = make(samples, s.width);
      d_h_0 = make(samples, s.width);
      d_u = make(samples, s.width);
      d_u_dot = make(samples, s.width);
      d_a = make(s.classes, s.width);
      a_in_dot = make(s.classes, s.features);
      d_a_in_dot = make(s.classes, s.features);
    } else {
      u_in = u_in_dot = z_in_dot = u;
      a_in_dot = a_dot;
      d_a_in_dot = d_a_dot;
    }
    if (!carve.storage().turns_copies) return;
    const int width = carve.padded<Scalar>(s.width), features = carve.padded<Scalar>(s.features);
    turned = make(width, s.width);
    dot_turned = make(width, s.width);
    if (!s.embedded) return;
    embedding_turned = make(features, s.width);
    embedding_dot_turned = make(features, s.width);
  }
};

}  // namespace theria::episode

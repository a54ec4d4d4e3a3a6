// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/episode/arguments.hpp"
#include "kernels/episode/matrix.hpp"

namespace theria::episode {

/// Cuts arrays from a team's workspace, one after the other; from nothing it only counts.
class Carver {
 public:
  static constexpr std::size_t line = 64;

  explicit Carver(char* start) : m_start(start) {}

  template <class Scalar>
  Matrix<Scalar> matrix(int rows, int cols) {
    const int ld = padded<Scalar>(cols);
    return {take<Scalar>(std::size_t(rows) * ld), ld};
  }
  template <class Scalar>
  Scalar* row(int count) {
    return take<Scalar>(padded<Scalar>(count));
  }
  std::size_t bytes() const { return m_bytes; }

  /// Numbers of a row: whole lines of the cache, which are whole vectors on every machine.
  template <class Scalar>
  static int padded(int count) {
    constexpr int numbers = static_cast<int>(line / sizeof(Scalar));
    return (count + numbers - 1) / numbers * numbers;
  }

 private:
  template <class Scalar>
  Scalar* take(std::size_t count) {
    char* const at = m_start == nullptr ? nullptr : m_start + m_bytes;
    m_bytes += (count * sizeof(Scalar) + line - 1) / line * line;
    return reinterpret_cast<Scalar*>(at);
  }

  char* m_start;
  std::size_t m_bytes = 0;
};

/// Parameters of one task, or a vector of their space. Rows and columns past the last are zeros, and stay so.
template <class Scalar>
struct Weights {
  Matrix<Scalar> embedding;   // (D,F), where there is one
  Matrix<Scalar> q_turned;    // (in,out): W_qᵀ
  Matrix<Scalar> k, v;        // (out,in)
  Matrix<Scalar> classifier;  // (C,D)
  Scalar* bias;               // (C)
  Scalar* start;
  std::size_t numbers;

  Weights(Carver& carve, const Shape& s) {
    const int width = Carver::padded<Scalar>(s.width);
    const std::size_t before = carve.bytes();
    if (s.embedded) embedding = carve.matrix<Scalar>(width, s.features);
    q_turned = carve.matrix<Scalar>(width, width);
    k = carve.matrix<Scalar>(width, width);
    v = carve.matrix<Scalar>(width, width);
    classifier = carve.matrix<Scalar>(s.classes, width);
    bias = carve.row<Scalar>(s.classes);
    numbers = (carve.bytes() - before) / sizeof(Scalar);
    start = s.embedded ? embedding.data : q_turned.data;
  }
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

  Kept(Carver& carve, const Shape& s, int samples) {
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
    embedding = carve.matrix<Scalar>(Carver::padded<Scalar>(s.width), s.features);
  }
};

/// What lives within one gradient or one product. A name with _in is meant where it meets the inputs x;
/// without an embedding that is where it always is.
template <class Scalar>
struct Work {
  Matrix<Scalar> embedding_turned, embedding_dot_turned;                     // (F,D)
  Matrix<Scalar> turned;                                                     // (D,D)
  Matrix<Scalar> h_0, h_0_dot, u, u_dot, q_dot, d_q, d_q_dot, d_u, d_u_dot;  // (B,D)
  Matrix<Scalar> d_h_0;                                                      // (B,D)
  Matrix<Scalar> u_in, u_in_dot, d_z_in, z_in_dot, d_u_in_dot;               // (B,F)
  Matrix<Scalar> weight, token_row;                                          // (B,T)
  Matrix<Scalar> d_logits_dot, class_row;                                    // (B,C)
  Matrix<Scalar> a_dot, d_a, d_a_dot, d_classifier;                          // (C,D)
  Matrix<Scalar> a_in_dot, d_a_in_dot;                                       // (C,F)
  Scalar *loss, *right;                                                      // (B)
  Scalar *x_support, *x_query;  // copies with whole rows, where x has none

  Work(Carver& carve, const Shape& s) {
    const int samples = std::max(s.support, s.query);
    const int width = Carver::padded<Scalar>(s.width),
              features = Carver::padded<Scalar>(s.features);
    const auto make = [&](int rows, int cols) { return carve.matrix<Scalar>(rows, cols); };
    turned = make(width, width);
    for (auto* m : {&u_dot, &q_dot, &d_q_dot}) *m = make(samples, s.width);
    for (auto* m : {&d_z_in, &z_in_dot, &d_u_in_dot}) *m = make(samples, s.features);
    weight = make(samples, s.tokens);
    token_row = make(samples, s.tokens);
    d_logits_dot = make(samples, s.classes);
    class_row = make(samples, s.classes);
    for (auto* m : {&a_dot, &d_a_dot, &d_classifier}) *m = make(s.classes, s.width);
    loss = carve.row<Scalar>(samples);
    right = carve.row<Scalar>(samples);
    x_support = x_query = nullptr;
    if (features != s.features) {
      x_support = carve.row<Scalar>(s.support * s.tokens * features);
      x_query = carve.row<Scalar>(s.query * s.tokens * features);
    }
    if (!s.embedded) {
      for (auto* m : {&u, &d_q}) *m = make(samples, s.width);
      u_in = u;
      u_in_dot = u_dot;
      a_in_dot = a_dot;
      d_a_in_dot = d_a_dot;
      return;
    }
    embedding_turned = make(features, width);
    embedding_dot_turned = make(features, width);
    for (auto* m : {&h_0, &h_0_dot, &d_h_0, &d_u, &d_u_dot}) *m = make(samples, s.width);
    d_a = make(s.classes, s.width);
    for (auto* m : {&u_in, &u_in_dot}) *m = make(samples, s.features);
    for (auto* m : {&a_in_dot, &d_a_in_dot}) *m = make(s.classes, s.features);
  }
};

}  // namespace theria::episode

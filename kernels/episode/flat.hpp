// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/layout.hpp"

namespace theria::episode {

/// Calls f(matrix, rows, cols, offset) for every matrix of a task's parameters but W_q, in the order in
/// which they stand in a flat vector, and g(offset) for W_q. Returns the offset of the bias.
template <class Scalar, class Function, class Turned>
std::int64_t for_each_part(const Shape& s, const Weights<Scalar>& w, const Function& f,
                           const Turned& g) {
  const std::int64_t square = std::int64_t(s.width) * s.width;
  std::int64_t offset = 0;
  if (s.embedded) f(w.embedding, s.width, s.features, offset);
  if (s.embedded) offset += std::int64_t(s.width) * s.features;
  g(offset);
  f(w.k, s.width, s.width, offset + square);
  f(w.v, s.width, s.width, offset + 2 * square);
  f(w.classifier, s.classes, s.width, offset + 3 * square);
  return offset + 3 * square + std::int64_t(s.classes) * s.width;
}

/// w = the parameters of a flat vector, zeros past the last rows and columns.
template <class On, class Scalar>
void load(const Shape& s, const Scalar* flat, const Weights<Scalar>& w) {
  On::for_each(static_cast<int>(w.numbers), [&](int i) { w.start[i] = 0; });
  const std::int64_t bias = for_each_part(
      s, w,
      [&](Matrix<Scalar> m, int rows, int cols, std::int64_t offset) {
        for (int i = 0; i < rows; ++i)
          On::for_each(cols,
                       [&](int j) { m.row(i)[j] = flat[offset + std::int64_t(i) * cols + j]; });
      },
      [&](std::int64_t offset) {
        for (int i = 0; i < s.width; ++i)
          On::for_each(s.width, [&](int j) {
            w.q_turned.row(i)[j] = flat[offset + std::int64_t(j) * s.width + i];
          });
      });
  On::for_each(s.classes, [&](int c) { w.bias[c] = flat[bias + c]; });
}

/// A flat vector = the parameters w.
template <class On, class Scalar>
void unload(const Shape& s, const Weights<Scalar>& w, Scalar* flat) {
  const std::int64_t bias = for_each_part(
      s, w,
      [&](Matrix<Scalar> m, int rows, int cols, std::int64_t offset) {
        for (int i = 0; i < rows; ++i)
          On::for_each(cols,
                       [&](int j) { flat[offset + std::int64_t(i) * cols + j] = m.row(i)[j]; });
      },
      [&](std::int64_t offset) {
        for (int i = 0; i < s.width; ++i)
          On::for_each(s.width, [&](int j) {
            flat[offset + std::int64_t(i) * s.width + j] = w.q_turned.row(j)[i];
          });
      });
  On::for_each(s.classes, [&](int c) { flat[bias + c] = w.bias[c]; });
}

}  // namespace theria::episode

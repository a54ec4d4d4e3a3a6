// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/layout.hpp"

namespace theria::episode {

/// A matrix of a task's parameters, and where in a flat vector it stands; a turned one by its columns.
template <class Scalar>
struct Part {
  Matrix<Scalar> matrix;
  int rows, cols, all_rows;  // it has room for all_rows
  std::int64_t offset;
  bool turned;
};

/// Calls f(part) for every matrix of a task's parameters, in the order of a flat vector.
template <class Scalar, class Function>
KOKKOS_INLINE_FUNCTION void for_each_part(const Shape& s, const Weights<Scalar>& w,
                                          const Function& f) {
  const int d = s.width, c = s.classes;
  std::int64_t offset = 0;
  const auto part = [&](Matrix<Scalar> m, int rows, int cols, int all_rows, bool turned = false) {
    f(Part<Scalar>{m, rows, cols, all_rows, offset, turned});
    offset += std::int64_t(rows) * cols;
  };
  if (s.embedded) part(w.embedding, d, s.features, w.rows);
  part(w.q_turned, d, d, w.rows, true);
  part(w.k, d, d, w.rows);
  part(w.v, d, d, w.rows);
  part(w.classifier, c, d, c);
  part(w.bias, 1, c, 1);
}

template <class On, class Scalar>
THERIA_TEAM_FUNCTION void clear_part(const Part<Scalar> part) {
  On::for_each_place(part.all_rows, part.matrix.ld,
                     [&](int i, int j) { part.matrix.row(i)[j] = 0; });
}
template <class On, class Scalar>
THERIA_TEAM_FUNCTION void load_part(const Part<Scalar> part, const Scalar* flat) {
  const Scalar* const from = flat + part.offset;
  const Matrix<Scalar> m = part.matrix;
  const int rows = part.rows, cols = part.cols;
  if (part.turned) {
    On::for_each_place(rows, cols, [&](int i, int j) { m.row(j)[i] = from[i * cols + j]; });
  } else {
    On::for_each_place(rows, cols, [&](int i, int j) { m.row(i)[j] = from[i * cols + j]; });
  }
  On::for_each_place(part.all_rows, m.ld - cols, [&](int i, int j) { m.row(i)[cols + j] = 0; });
  On::for_each_place(part.all_rows - rows, cols, [&](int i, int j) { m.row(rows + i)[j] = 0; });
}
template <class On, class Scalar>
THERIA_TEAM_FUNCTION void unload_part(const Part<Scalar> part, Scalar* flat) {
  Scalar* const to = flat + part.offset;
  const Matrix<Scalar> m = part.matrix;
  if (part.turned) {
    On::for_each_place(part.rows, part.cols,
                       [&](int i, int j) { to[i * part.cols + j] = m.row(j)[i]; });
  } else {
    On::for_each_place(part.rows, part.cols,
                       [&](int i, int j) { to[i * part.cols + j] = m.row(i)[j]; });
  }
}

/// w = 0, what completes its rows and columns included.
template <class On, class Scalar>
KOKKOS_INLINE_FUNCTION void clear(const Shape& s, const Weights<Scalar>& w) {
  for_each_part(s, w, [&](const Part<Scalar>& part) { clear_part<On>(part); });
  On::arrive();
}

/// w = the parameters of a flat vector; zeros past the last rows and columns.
template <class On, class Scalar>
KOKKOS_INLINE_FUNCTION void load(const Shape& s, const Scalar* flat, const Weights<Scalar>& w) {
  for_each_part(s, w, [&](const Part<Scalar>& part) { load_part<On>(part, flat); });
  On::arrive();
}

/// A flat vector = the parameters w.
template <class On, class Scalar>
KOKKOS_INLINE_FUNCTION void unload(const Shape& s, const Weights<Scalar>& w, Scalar* flat) {
  for_each_part(s, w, [&](const Part<Scalar>& part) { unload_part<On>(part, flat); });
  On::arrive();
}

}  // namespace theria::episode

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>

#include "kernels/sdpa/arguments.hpp"
#include "kernels/tile/pack.hpp"

namespace theria::sdpa {

/// Which keys the rows of one batch element see by shape, length and causality (the bias apart).
struct Visibility {
  int tq, tk;
  bool causal;
  int key_length;

  /// Row i sees the keys [0, limit(i)); never more than key_length, possibly none.
  KOKKOS_INLINE_FUNCTION int limit(int i) const {
    const int seen = causal ? i + (tk - tq) + 1 : tk;
    return seen < 0 ? 0 : seen < key_length ? seen : key_length;
  }
  /// The rows that see a key are [first_row(), tq).
  KOKKOS_INLINE_FUNCTION int first_row() const {
    if (key_length == 0) return tq;
    return causal && tq > tk ? tq - tk : 0;
  }
  /// The first row that sees key j.
  KOKKOS_INLINE_FUNCTION int first_row_seeing(int j) const {
    const int first = causal ? j + (tq - tk) : 0;
    return first < 0 ? 0 : first;
  }
};

/// Sizes and options of one call, in the form the kernels take.
template <class Scalar>
struct Problem {
  int b, h, tq, tk, d, dv;
  Scalar scale;
  bool causal;
  Array<const std::int64_t, 1> key_lengths;

  KOKKOS_INLINE_FUNCTION Visibility visibility(int batch) const {
    int length = tk;
    if (key_lengths.data != nullptr) {
      const std::int64_t given = key_lengths(batch);
      length = given < 0 ? 0 : given < tk ? static_cast<int>(given) : tk;
    }
    return {tq, tk, causal, length};
  }

  /// The rows of a tensor that may be read: queries that see a key, keys within the length.
  KOKKOS_INLINE_FUNCTION int first_row(int batch, tile::Axis axis) const {
    return axis == tile::Axis::queries ? visibility(batch).first_row() : 0;
  }
  KOKKOS_INLINE_FUNCTION int end_row(int batch, tile::Axis axis) const {
    return axis == tile::Axis::queries ? tq : visibility(batch).key_length;
  }
  KOKKOS_INLINE_FUNCTION tile::Window window(int batch, tile::Axis axis) const {
    return {0, first_row(batch, axis), end_row(batch, axis)};
  }
};

/// The tile of `rows` rows, of the `length` of one (b, h), that team `rank` of a league owns: queries, or keys.
struct OwnedTile {
  int b, h, first, count;

  KOKKOS_INLINE_FUNCTION OwnedTile(int heads, int length, int rows, int rank) {
    const int tiles = (length + rows - 1) / rows, bh = rank / tiles;
    b = bh / heads;
    h = bh % heads;
    first = rank % tiles * rows;
    count = length - first < rows ? length - first : rows;
  }
  template <class Scalar>
  static std::int64_t league(const Problem<Scalar>& problem, int length, int rows) {
    return std::int64_t(problem.b) * problem.h * ((length + rows - 1) / rows);
  }
};

template <class Element>
Problem<ScalarOf<Element>> problem_of(const Options& options, const Inputs<Element>& in) {
  const auto size = [](std::int64_t extent) { return static_cast<int>(extent); };
  return {.b = size(in.q.extent[0]),
          .h = size(in.q.extent[1]),
          .tq = size(in.q.extent[2]),
          .tk = size(in.k.extent[2]),
          .d = size(in.q.extent[3]),
          .dv = size(in.v.extent[3]),
          .scale = static_cast<ScalarOf<Element>>(options.scale),
          .causal = options.causal,
          .key_lengths = in.key_lengths};
}

}  // namespace theria::sdpa

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/samples.hpp"

namespace theria::episode {

/// Everything that a team keeps for the task it is at. What is carved first is nearest.
template <class Scalar>
struct Desk {
  Kept<Scalar>
      kept;  // of the query, of what is not swept, and where records are copies of every step
  Work<Scalar> work;
  Weights<Scalar> theta, lambda;
  Scalar *x_support, *x_query;  // copies with whole lines, where the tokens of x have none
  Storage storage;
  char* record;              // the Kept of every swept step, one after the other
  std::size_t record_bytes;  // of one of them
  std::size_t near_bytes, far_bytes;

  KOKKOS_INLINE_FUNCTION Desk(const Storage& where, char* near, char* far, const Shape& s,
                              const Options& options)
      : storage(where) {
    Carver carve(where, near, far);
    kept = Kept<Scalar>(carve, s, s.support > s.query ? s.support : s.query);
    work = Work<Scalar>(carve, s);
    const int width = carve.padded<Scalar>(s.width);
    for (auto* w : {&theta, &lambda}) {
      w->classifier = carve.matrix<Scalar>(s.classes, s.width);
      w->bias = carve.matrix<Scalar>(1, s.classes);
      w->rows = width;
    }
    for (auto* w : {&theta, &lambda}) w->k = carve.matrix<Scalar>(width, s.width);
    theta.q_turned = lambda.q_turned = carve.matrix<Scalar>(width, s.width);
    for (auto* w : {&theta, &lambda}) w->v = carve.matrix<Scalar>(width, s.width);
    if (s.embedded) {
      for (auto* w : {&theta, &lambda}) w->embedding = carve.matrix<Scalar>(width, s.features);
      // Without an embedding nothing reads W_q after the query's evaluation: λ's may take its place.
      lambda.q_turned = carve.matrix<Scalar>(width, s.width);
    }
    x_support = x_query = nullptr;
    if (const int ld = copied_features(s); ld != s.features) {
      x_support = carve.row<Scalar>(std::size_t(s.support) * s.tokens * ld);
      x_query = carve.row<Scalar>(std::size_t(s.query) * s.tokens * ld);
    }
    record = far == nullptr ? nullptr : far + carve.far_bytes();
    Carver one(far_storage(), nullptr, nullptr);
    Kept<Scalar>(one, s, s.support);
    record_bytes = one.far_bytes();
    near_bytes = carve.near_bytes();
    far_bytes = carve.far_bytes() + record_bytes * static_cast<std::size_t>(options.swept);
  }

  /// Features of a token whose rows end with whole lines.
  KOKKOS_INLINE_FUNCTION int copied_features(const Shape& s) const {
    return Carver(storage, nullptr, nullptr).padded<Scalar>(s.features);
  }

  /// Where the swept step of this index is recorded.
  KOKKOS_INLINE_FUNCTION Kept<Scalar> recorded(const Shape& s, int index) const {
    Carver carve(far_storage(), nullptr, record + index * record_bytes);
    return Kept<Scalar>(carve, s, s.support);
  }

 private:
  KOKKOS_INLINE_FUNCTION Storage far_storage() const {
    Storage far = storage;
    far.near_bytes = 0;
    return far;
  }
};

}  // namespace theria::episode

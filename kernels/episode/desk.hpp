// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/samples.hpp"

namespace theria::episode {

/// Everything that a team keeps for the task it is at. What is carved first is nearest.
template <class Scalar, class Input>
struct Desk {
  Kept<Scalar> kept;  // of the query, of what isn't swept; of every step where records are copies
  Work<Scalar> work;
  Weights<Scalar> adapting, theta, lambda;  // θ in the inner loop, and in the sweep
  Samples<Scalar, Input> support, query;
  Matrix<Scalar> first;        // x_0 of the set at hand, where Input is another type
  Input *x_support, *x_query;  // copies with whole lines, where the tokens of x have none
  Storage storage;
  Kept<Scalar> record;       // of the first swept step; those of the others lie behind it
  std::size_t record_bytes;  // of one of them
  std::size_t near_bytes, far_bytes;
  bool small_are_near;      // all but the matrices of the weights
  bool kept_is_one_record;  // number for number

  KOKKOS_INLINE_FUNCTION Desk(const Storage& where, char* near, char* far, const Shape& s,
                              const Options& options)
      : storage(where) {
    Carver carve(where, near, far);
    kept = Kept<Scalar>(carve, s, s.support > s.query ? s.support : s.query);
    work = Work<Scalar>(carve, s);
    if constexpr (!std::is_same_v<Scalar, Input>) {
      // Without an embedding that is h_0, which has a place where right operands are not copied.
      const bool is_h_0 = !s.embedded && !where.turns_copies;
      const int samples = s.support > s.query ? s.support : s.query;
      first = is_h_0 ? work.h_0 : carve.matrix<Scalar>(samples, s.features);
    }
    const int width = carve.padded<Scalar>(s.width);
    for (auto* w : {&theta, &lambda}) {
      w->classifier = carve.matrix<Scalar>(s.classes, s.width);
      w->bias = carve.matrix<Scalar>(1, s.classes);
      w->rows = width;
    }
    small_are_near = carve.far_bytes() == 0;
    kept_is_one_record = small_are_near && s.support >= s.query;
    for (auto* w : {&theta, &lambda}) w->k = carve.matrix<Scalar>(width, s.width);
    theta.q_turned = lambda.q_turned = carve.matrix<Scalar>(width, s.width);
    for (auto* w : {&theta, &lambda}) w->v = carve.matrix<Scalar>(width, s.width);
    if (s.embedded) {
      for (auto* w : {&theta, &lambda}) w->embedding = carve.matrix<Scalar>(width, s.features);
      // Without an embedding nothing reads W_q after the query's evaluation: λ's may take its place.
      lambda.q_turned = carve.matrix<Scalar>(width, s.width);
    }
    adapting = theta;
    // The inner loop has no λ yet.
    if (lambda.k.near && !theta.v.near) adapting.v = lambda.k;
    carve.leave_near();
    x_support = x_query = nullptr;
    if (const int ld = copied_features(s); ld != s.features) {
      x_support = carve.row<Input>(std::size_t(s.support) * s.tokens * ld);
      x_query = carve.row<Input>(std::size_t(s.query) * s.tokens * ld);
    }
    Carver one(where, nullptr, far == nullptr ? nullptr : far + carve.far_bytes());
    one.leave_near();
    record = Kept<Scalar>(one, s, s.support);
    record_bytes = one.far_bytes();
    near_bytes = carve.near_bytes();
    far_bytes = carve.far_bytes() + record_bytes * static_cast<std::size_t>(options.swept);
  }

  /// Features of a token whose rows end with whole lines.
  KOKKOS_INLINE_FUNCTION int copied_features(const Shape& s) const {
    return Carver(storage, nullptr, nullptr).padded<Scalar>(s.features);
  }
};

}  // namespace theria::episode

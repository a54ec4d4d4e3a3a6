// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"
#include "kernels/core/sixteen_bits.hpp"

namespace theria::episode {

/// Sizes of every task: TinyAttention's and its two sets'.
struct Shape {
  int tokens, features, width, classes, support, query;
  bool embedded;  // features → width by a matrix of its own; else they are equal

  /// Numbers of a task's parameters.
  std::int64_t parameters() const {
    const std::int64_t d = width, c = classes;
    return 3 * d * d + c * d + c + (embedded ? d * features : 0);
  }
  /// Numbers that an inner step keeps (Kept of layout.hpp), its rows not padded.
  std::int64_t kept() const {
    const std::int64_t b = support, d = width, f = features, c = classes;
    return b * (d + 2 * f + 2 * tokens + 2 * c) + c * (2 * f + d) +
           (embedded ? 2 * b * d + c * d + d * f : 0);
  }
};

/// What to do with each task.
struct Options {
  int steps;    // K inner steps
  int swept;    // the sweep goes back over the last of them: 0 is first order, K is full
  double rate;  // α
};

/// One set of all tasks. Input is the type of the numbers that it holds: that of the computation, or BFloat16 in one
/// in float.
template <class Input>
struct Set {
  Array<const Input, 4> x;              // (n,s,t,f), dense
  Array<const std::int32_t, 2> labels;  // (n,s), dense
};
template <class Input>
struct Sets {
  Set<Input> support, query;
};

/// Scores of every task, (n); each is overwritten where it is given.
template <class Scalar>
struct Scores {
  Array<Scalar, 1> support_loss_before{}, query_loss_before{}, query_loss_after{};
  Array<Scalar, 1> query_accuracy_before{}, query_accuracy_after{};
};

template <class Scalar>
struct Arguments {
  Array<const Scalar, 1>
      theta;  // (P): [embedding] q_proj k_proj v_proj classifier_weight classifier_bias
  Array<Scalar, 2> meta_gradient{};  // (n,P), overwritten where asked for
  Array<Scalar, 2> adapted{};        // (n,P) θ_K, overwritten where given
  Scores<Scalar> scores{};
};

}  // namespace theria::episode

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"

namespace theria::cross_entropy {

/// loss_n = mean_r (log Σ_c exp logits_nrc − logits_nr,label). Labels are within [0, classes).
template <class Scalar>
struct ForwardArguments {
  Array<const Scalar, 3> logits;        // (n,r,c)
  Array<const std::int32_t, 2> labels;  // (n,r)
  Array<Scalar, 1> loss;                // (n)
  Array<Scalar, 1> accuracy{};          // (n), share of rows whose first largest logit is right
};

/// For the cotangent 1 of every task's loss, which is what a mean over tasks needs.
template <class Scalar>
struct VjpArguments {
  Array<const Scalar, 3> logits;
  Array<const std::int32_t, 2> labels;
  Array<Scalar, 3> d_logits;
};

template <class Scalar>
struct JvpArguments {
  Array<const Scalar, 3> logits;
  Array<const std::int32_t, 2> labels;
  Array<const Scalar, 3> logits_dot;
  Array<Scalar, 1> loss_dot;  // (n)
};

template <class Scalar>
struct HvpArguments {
  Array<const Scalar, 3> logits;
  Array<const std::int32_t, 2> labels;
  Array<const Scalar, 3> logits_dot;
  Array<Scalar, 3> d_logits;      // the VJP's result
  Array<Scalar, 3> d_logits_dot;  // its tangent
};

}  // namespace theria::cross_entropy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/array.hpp"

namespace theria::sdpa {

/// S = scale·Q Kᵀ + bias. Row i sees key j iff j < key_lengths[b] and (not causal or
/// j ≤ i + Tk − Tq); a bias of −∞ masks its key.
struct Options {
  double scale;  // 1/sqrt(D) by custom: default_scale(D)
  bool causal = false;
};

double default_scale(std::int64_t d);

/// What the operators differentiate at. Any strides; K and V may have strides of their own.
template <class Scalar>
struct Inputs {
  Array<const Scalar, 4> q{};                  // (b,h,i,d)
  Array<const Scalar, 4> k{};                  // (b,h,j,d)
  Array<const Scalar, 4> v{};                  // (b,h,j,dv)
  Array<const Scalar, 4> bias{};               // (b|1,h|1,i,j), optional
  Array<const std::int64_t, 1> key_lengths{};  // (b), optional; values are taken within [0, Tk]
};

/// A direction in the space of Inputs; what is not given is zero.
template <class Scalar>
struct Tangents {
  Array<const Scalar, 4> q{}, k{}, v{}, bias{};
};

/// A point in the dual of Inputs' space, each with the shape of its input, overwritten. What is not
/// given is not computed. A broadcast bias's cotangent is summed over the axes it is broadcast on.
template <class Scalar>
struct Cotangents {
  Array<Scalar, 4> q{}, k{}, v{}, bias{};
};

/// Attention's output and its row statistic lse_i = log Σ_j exp S_ij (−∞ where no key is seen).
template <class Scalar>
struct Output {
  Array<Scalar, 4> o{};    // (b,h,i,dv)
  Array<Scalar, 3> lse{};  // (b,h,i)
};

template <class Scalar>
struct ForwardArguments {
  Inputs<Scalar> in;
  Output<Scalar> out;
};

template <class Scalar>
struct VjpArguments {
  Inputs<Scalar> in;
  Output<const Scalar> saved;  // of the forward operator at the same inputs
  Array<const Scalar, 4> d_o;  // (b,h,i,dv)
  Cotangents<Scalar> d;
};

template <class Scalar>
struct JvpArguments {
  Inputs<Scalar> in;
  Tangents<Scalar> dot;
  Output<Scalar> out;
  Output<Scalar> out_dot;  // ȯ and the tangent of lse
};

template <class Scalar>
struct HvpArguments {
  Inputs<Scalar> in;
  Array<const Scalar, 4> d_o;
  Tangents<Scalar> dot;
  Array<const Scalar, 4> d_o_dot;  // tangent of d_o; zero if not given
  Cotangents<Scalar> d;            // the VJP's result
  Cotangents<Scalar> d_dot;        // its tangent
};

template <class Scalar>
struct JvpVjpArguments {
  Inputs<Scalar> in;
  Tangents<Scalar> dot;
  Array<const Scalar, 4> d_o;      // cotangent of o; zero if not given
  Array<const Scalar, 4> d_o_dot;  // cotangent of ȯ
  Cotangents<Scalar> d;            // cotangents of q, k, v, bias
  Cotangents<Scalar> d_dot;        // cotangents of q̇, k̇, v̇, ḃias
};

}  // namespace theria::sdpa

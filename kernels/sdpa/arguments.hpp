// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/core/dual.hpp"

namespace theria::sdpa {

/// S = scale·Q Kᵀ + bias. Row i sees key j iff j < key_lengths[b] and (not causal or
/// j ≤ i + Tk − Tq); a bias of −∞ masks its key.
struct Options {
  double scale;  // 1/sqrt(D) by custom: default_scale(D)
  bool causal = false;
};

double default_scale(std::int64_t d);

/// What the operators differentiate at. Any strides; K and V may have strides of their own.
template <class Element>
struct Inputs {
  Array<const Element, 4> q{};                 // (b,h,i,d)
  Array<const Element, 4> k{};                 // (b,h,j,d)
  Array<const Element, 4> v{};                 // (b,h,j,dv)
  Array<const Element, 4> bias{};              // (b|1,h|1,i,j), optional
  Array<const std::int64_t, 1> key_lengths{};  // (b), optional; values are taken within [0, Tk]
};

/// A direction in the space of Inputs; what is not given is zero.
template <class Element>
struct Tangents {
  Array<const Element, 4> q{}, k{}, v{}, bias{};
};

/// A point in the dual of Inputs' space, each with the shape of its input, overwritten. What is not
/// given is not written. A broadcast bias's cotangent is summed over the axes it is broadcast on.
template <class Element>
struct Cotangents {
  Array<Element, 4> q{}, k{}, v{}, bias{};
};

/// float for Narrow and Brain.
template <class Element>
using StatisticOf =
    std::conditional_t<std::is_const_v<Element>, const ScalarOf<std::remove_const_t<Element>>,
                       ScalarOf<Element>>;

/// Attention's output and its row statistic lse_i = log Σ_j exp S_ij (−∞ where no key is seen).
template <class Element>
struct Output {
  Array<Element, 4> o{};                 // (b,h,i,dv)
  Array<StatisticOf<Element>, 3> lse{};  // (b,h,i)
};

template <class Element>
struct ForwardArguments {
  Inputs<Element> in;
  Output<Element> out;
};

template <class Element>
struct VjpArguments {
  Inputs<Element> in;
  Output<const Element> saved;  // of the forward operator at the same inputs
  Array<const Element, 4> d_o;  // (b,h,i,dv)
  Cotangents<Element> d;
};

template <class Element>
struct JvpArguments {
  Inputs<Element> in;
  Tangents<Element> dot;
  Output<Element> out;
  Output<Element> out_dot;  // ȯ and the tangent of lse
};

template <class Element>
struct HvpArguments {
  Inputs<Element> in;
  Array<const Element, 4> d_o;
  Tangents<Element> dot;
  Array<const Element, 4> d_o_dot;  // tangent of d_o; zero if not given
  Cotangents<Element> d;            // the VJP's result
  Cotangents<Element> d_dot;        // its tangent
};

template <class Element>
struct JvpVjpArguments {
  Inputs<Element> in;
  Tangents<Element> dot;
  Array<const Element, 4> d_o;      // cotangent of o; zero if not given
  Array<const Element, 4> d_o_dot;  // cotangent of ȯ
  Cotangents<Element> d;            // cotangents of q, k, v, bias
  Cotangents<Element> d_dot;        // cotangents of q̇, k̇, v̇, ḃias
};

}  // namespace theria::sdpa

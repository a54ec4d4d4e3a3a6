// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "kernels/core/array.hpp"
#include "kernels/core/workspace.hpp"

namespace theria::linear_attention {

/// Attention without softmax: o_i = c Σ_j (q_i·k_j) v_j, c = 1/(Tk √D), that is o = Q M with M = c Kᵀ V of every batch
/// element and head.
template <class Scalar>
struct Inputs {
  Array<const Scalar, 4> q{};  // (b,h,i,d)
  Array<const Scalar, 4> k{};  // (b,h,j,d)
  Array<const Scalar, 4> v{};  // (b,h,j,dv)
};

/// Overwritten, all of them.
template <class Scalar>
struct Cotangents {
  Array<Scalar, 4> q{}, k{}, v{};
};

template <class Scalar>
struct ForwardArguments {
  Inputs<Scalar> in;
  Array<Scalar, 4> o;  // (b,h,i,dv)
};

template <class Scalar>
struct VjpArguments {
  Inputs<Scalar> in;
  Array<const Scalar, 4> d_o;
  Cotangents<Scalar> d;
};

template <class Scalar>
struct JvpArguments {
  Inputs<Scalar> in, dot;
  Array<Scalar, 4> o, o_dot;
};

template <class Scalar>
struct HvpArguments {
  Inputs<Scalar> in;
  Array<const Scalar, 4> d_o;
  Inputs<Scalar> dot;
  Array<const Scalar, 4> d_o_dot;
  Cotangents<Scalar> d;      // the VJP's result
  Cotangents<Scalar> d_dot;  // its tangent
};

/// Bytes that the HVP takes of its workspace, the most of all operators: M, its cotangent, and their tangents.
template <class Scalar>
std::size_t workspace_bytes(std::size_t heads, std::size_t d, std::size_t dv) {
  return 4 * Workspace<Kokkos::OpenMP>::bytes_for<Scalar>(heads * d * dv);
}

}  // namespace theria::linear_attention

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"
#include "src/deck/deck.hpp"

namespace theria {

/// f.operator()<Space, Scalar>() where and in what a resolved deck computes.
template <class Function>
auto on_place(const Deck& resolved, const Function& f) {
  const bool exact = resolved.precision == Precision::float64;
#ifdef KOKKOS_ENABLE_CUDA
  if (resolved.backend == Backend::cuda)
    return exact ? f.template operator()<Cuda, double>() : f.template operator()<Cuda, float>();
#endif
  return exact ? f.template operator()<OpenMP, double>() : f.template operator()<OpenMP, float>();
}

}  // namespace theria

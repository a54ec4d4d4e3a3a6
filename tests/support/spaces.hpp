// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

#include "kernels/core/spaces.hpp"
#include "src/deck/deck.hpp"

/// The execution spaces of this build, for TEST_CASE_TEMPLATE("…", Space, THERIA_TEST_SPACES).
#ifdef KOKKOS_ENABLE_CUDA
#define THERIA_TEST_SPACES ::theria::OpenMP, ::theria::Cuda
TYPE_TO_STRING_AS("CUDA", theria::Cuda);
#else
#define THERIA_TEST_SPACES ::theria::OpenMP
#endif
TYPE_TO_STRING_AS("OpenMP", theria::OpenMP);

namespace theria::test {

/// A space and a scalar, where a test runs over both.
template <class SpaceType, class ScalarType>
struct On {
  using Space = SpaceType;
  using Scalar = ScalarType;
};

/// The deck's word for a space.
template <class Space>
constexpr Backend backend_of() {
  return std::is_same_v<Space, OpenMP> ? Backend::openmp : Backend::cuda;
}

template <class Scalar>
constexpr Precision precision_of() {
  return std::is_same_v<Scalar, double> ? Precision::float64 : Precision::float32;
}

}  // namespace theria::test

#ifdef KOKKOS_ENABLE_CUDA
#define THERIA_TEST_SPACES_AND_SCALARS                                                       \
  ::theria::test::On<::theria::OpenMP, double>, ::theria::test::On<::theria::OpenMP, float>, \
      ::theria::test::On<::theria::Cuda, double>, ::theria::test::On<::theria::Cuda, float>
TYPE_TO_STRING_AS("CUDA double", theria::test::On<theria::Cuda, double>);
TYPE_TO_STRING_AS("CUDA float", theria::test::On<theria::Cuda, float>);
#else
#define THERIA_TEST_SPACES_AND_SCALARS \
  ::theria::test::On<::theria::OpenMP, double>, ::theria::test::On<::theria::OpenMP, float>
#endif
TYPE_TO_STRING_AS("OpenMP double", theria::test::On<theria::OpenMP, double>);
TYPE_TO_STRING_AS("OpenMP float", theria::test::On<theria::OpenMP, float>);

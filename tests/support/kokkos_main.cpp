// SPDX-License-Identifier: Apache-2.0
// The main() of every test executable that runs kernels: doctest inside one Kokkos.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "src/driver/runtime.hpp"

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  const theria::Runtime runtime({});
  return context.run();
}

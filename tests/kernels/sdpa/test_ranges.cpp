// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "src/check/properties.hpp"
#include "src/check/reference_sdpa.hpp"
#include "src/driver/runtime.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"

namespace theria::test {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// x(row, col) of a tensor (1,1,rows,cols) becomes f(row, x).
template <class Function>
void change_rows(Tensor& tensor, const Function& f) {
  const std::size_t cols = tensor.shape[3];
  std::visit(
      [&](auto& values) {
        for (std::size_t n = 0; n < values.size(); ++n)
          values[n] = static_cast<std::decay_t<decltype(values[n])>>(
              f(n / cols, n % cols, static_cast<double>(values[n])));
      },
      tensor.values);
}

/// What sums and the exponential of a float32 may lose; of tfloat32 what factors of eleven bits, and keys up to 25, make of
/// it; of bfloat16 roundings of 2⁻⁹ in dS that keys up to 25 are summed with, and in the stored o that δ is made of.
double bar(Precision precision) {
  switch (precision) {
    case Precision::float64:
      return 1e-13;
    case Precision::float32:
      return 5e-6;
    case Precision::bfloat16:
      return 6e-2;
    default:
      return 3e-2;
  }
}

/// f(call) for every backend and precision.
template <class Function>
void for_each_call(const SdpaCase& c, const Function& f) {
  for (const BackendInfo& info : backends()) {
    if (!info.usable) continue;
    for (const Precision precision :
         {Precision::float64, Precision::float32, Precision::tfloat32, Precision::bfloat16}) {
      SdpaCall call = make_call(c, SdpaOperator::forward, precision);
      call.backend = info.backend;
      CAPTURE(int(info.backend));
      CAPTURE(int(precision));
      f(call);
    }
  }
}

}  // namespace

TEST_CASE("sdpa: scores that rise from key to key, tile by tile, a little and a lot") {
  for (const double step : {1. / 64, 1. / 32, 1. / 8})
    for_each_call({.b = 1, .h = 1, .tq = 70, .tk = 200, .d = 16, .dv = 24}, [&](SdpaCall call) {
      CAPTURE(step);
      call.scale = 1;
      change_rows(call.inputs.at("q"), [](auto, auto col, double) { return col == 0 ? 1. : 0.; });
      change_rows(call.inputs.at("k"), [&](std::size_t row, std::size_t col, double x) {
        return col == 0 ? step * static_cast<double>(row) : x;
      });
      for (const SdpaOperator operation : every_operator) {
        call.operation = operation;
        const TensorSet expected = reference_sdpa<long double>(call);
        for (const auto& [name, tensor] : apply_sdpa(call)) {
          CAPTURE(name);
          CHECK(relative_error(tensor, expected.at(name), 1) <= bar(call.precision));
        }
      }
    });
}

TEST_CASE("sdpa: values of which one tile is larger than the others, seen or masked") {
  for (const bool masked : {false, true})
    for (const double factor : {0x1p4, 0x1p6, 0x1p7, 0x1p14, 0x1p20})
      for (const std::size_t large : {0, 1, 2})
        for_each_call(
            {.b = 1, .h = 1, .tq = 70, .tk = 192, .d = 16, .dv = 24, .bias = BiasKind::full},
            [&](SdpaCall call) {
              CAPTURE(masked);
              CAPTURE(factor);
              CAPTURE(large);
              const auto is_large = [&](std::size_t key) { return key / 64 == large; };
              change_rows(call.inputs.at("v"), [&](std::size_t key, auto, double x) {
                return is_large(key) ? x * factor : x;
              });
              change_rows(call.inputs.at("bias"), [&](auto, std::size_t key, double x) {
                return masked && is_large(key) ? -infinite : x;
              });
              const TensorSet expected = reference_sdpa<long double>(call);
              const TensorSet results = apply_sdpa(call);
              for (const char* const name : {"o", "lse"})
                CHECK(relative_error(results.at(name), expected.at(name), 1) <=
                      bar(call.precision));
            });
}

TEST_CASE("sdpa: a finite bias that all but masks, over the first tiles, over rows, over all") {
  // Numbers of eight bits, so that every type holds them.
  for (const double bias : {-0x1p14, -0x1.3p24, -0x1.dcp29, -0x1.fep127})
    for (const int where : {0, 1, 2})
      for_each_call(
          {.b = 1, .h = 1, .tq = 70, .tk = 200, .d = 16, .dv = 24, .bias = BiasKind::full},
          [&](SdpaCall call) {
            CAPTURE(bias);
            CAPTURE(where);
            change_rows(call.inputs.at("bias"), [&](std::size_t row, std::size_t key, double x) {
              return where == 2 || (where == 0 ? key < 128 : row % 3 == 0) ? bias : x;
            });
            for (const SdpaOperator operation : every_operator) {
              call.operation = operation;
              for (const auto& [name, tensor] : apply_sdpa(call)) {
                CAPTURE(name);
                CHECK(std::isfinite(largest(tensor)));
              }
            }
          });
}

TEST_CASE("sdpa: an infinite value leaves lse as it is") {
  for_each_call({.b = 1, .h = 1, .tq = 70, .tk = 200, .d = 16, .dv = 24}, [&](SdpaCall call) {
    const TensorSet before = apply_sdpa(call);
    change_rows(call.inputs.at("v"), [](std::size_t key, auto col, double x) {
      return key == 80 && col == 3 ? infinite : x;
    });
    const TensorSet after = apply_sdpa(call);
    CHECK_FALSE(std::isfinite(values_of(after.at("o"))[3]));
    CHECK(relative_error(after.at("lse"), before.at("lse"), 1) <= bar(call.precision));
  });
}

}  // namespace theria::test

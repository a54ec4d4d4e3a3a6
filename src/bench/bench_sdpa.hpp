// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/apply/sdpa_call.hpp"
#include "src/bench/timing.hpp"

namespace theria {

/// B, H, Tq, Tk, D (= Dv).
using SdpaShape = std::array<std::int64_t, 5>;

struct NamedShape {
  std::string_view name;
  SdpaShape shape;
};

/// The presets of `theria bench sdpa`.
const std::vector<NamedShape>& bench_shapes();

/// One cell of a table of speeds.
struct SdpaBenchCase {
  SdpaOperator operation;
  SdpaShape shape;
  Precision precision;
  Backend backend;  // resolved
  bool causal = false;
};

struct SdpaBenchResult {
  Timing ms;
  double tflops;               // useful operations alone
  int useful, executed;        // products of 2·B·H·Tq·Tk·D operations
  std::size_t argument_bytes;  // inputs and outputs
  std::size_t extra_bytes;     // what the operator took besides
  std::optional<double>
      error;  // of the timed run against float64 (float64: against long double), over
              // the first and the last head; absent where that would take too long
};

/// Bytes of a case's inputs and outputs.
double argument_bytes(const SdpaBenchCase& what);

/// Runs one operator on numbers from N(0, 1) and times it. The VJP takes o and lse as given, the HVP
/// makes its own statistics and gives the VJP too. `seconds`: how long to measure. Needs a Runtime.
SdpaBenchResult bench_sdpa(const SdpaBenchCase& what, double seconds);

}  // namespace theria

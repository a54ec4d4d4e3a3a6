// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/options.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

/// What every family of benchmarks starts with: the output's name is free, the backend is here, Kokkos runs, and
/// the head is said.
struct BenchStart {
  Backend backend;
  std::string device;
  Runtime runtime;

  BenchStart(Backend wanted, const std::string& json, bool overwrite, const Invocation& invocation);
};

/// A number as JSON has it: null where there is none, or none that is finite.
std::string json_error(const std::optional<double>& error);

/// Writes the lines of --json, whole or not at all.
void write_lines(const std::string& path, bool overwrite, const std::string& lines);

template <class Value>
std::vector<Value> or_else(const std::vector<Value>& given, std::vector<Value> otherwise) {
  return given.empty() ? std::move(otherwise) : given;
}

}  // namespace theria

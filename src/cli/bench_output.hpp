// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/deck/deck.hpp"

namespace theria {

/// Name of the device of a resolved backend.
std::string device_of(Backend backend);

/// A number as JSON has it: null where there is none, or none that is finite.
std::string json_error(const std::optional<double>& error);

/// Writes the lines of --json, whole or not at all.
void write_lines(const std::string& path, bool overwrite, const std::string& lines);

template <class Value>
std::vector<Value> or_else(const std::vector<Value>& given, std::vector<Value> otherwise) {
  return given.empty() ? std::move(otherwise) : given;
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/io/made_file.hpp"

namespace theria::test {

struct MadeTensor {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

/// An input file of `theria apply`: b 2, h 3, Tq 4, Tk 5, D 2, Dv 3, right unless a test spoils it.
struct MadeInputs {
  std::map<std::string, MadeTensor> tensors;
  std::optional<std::vector<std::int64_t>> key_lengths;

  MadeInputs() {
    fill("q", {2, 3, 4, 2});
    fill("k", {2, 3, 5, 2});
    fill("v", {2, 3, 5, 3});
  }

  MadeInputs& fill(const std::string& name, const std::vector<std::size_t>& shape) {
    std::size_t count = 1;
    for (const auto extent : shape) count *= extent;
    tensors[name] = {shape, std::vector<double>(count, 0.5)};
    return *this;
  }

  MadeInputs& set(const std::string& name, std::size_t flat, double value) {
    tensors.at(name).values.at(flat) = value;
    return *this;
  }

  void write(const std::string& path) const {
    MadeFile file(path);
    for (const auto& [name, tensor] : tensors) file.data("/" + name, tensor.shape, tensor.values);
    if (key_lengths) file.data("/key_lengths", {key_lengths->size()}, *key_lengths);
  }
};

}  // namespace theria::test

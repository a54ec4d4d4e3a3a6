// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "src/io/result_parts.hpp"

namespace theria {

void write_tensors(hdf5::Writer& file, const TensorGroup& what,
                   const std::vector<NamedTensor>& tensors) {
  if (what.tasks > 0) {
    file.scale({.path = what.group + "/task", .long_name = "task of the meta-batch"}, what.tasks);
  }
  // Weights are (out, in) with y = W x + b, so a bias has the out axis alone.
  constexpr const char* suffixes[] = {"_out", "_in"};
  for (const auto& [name, tensor] : tensors) {
    hdf5::DataSet data{.path = fmt::format("{}/{}", what.group, name),
                       .long_name = fmt::format("{} {}", name, what.meaning)};
    if (what.tasks > 0) data.axes.emplace_back("task");
    const std::size_t leading = data.axes.size();
    for (std::size_t axis = leading; axis < tensor.shape.size(); ++axis) {
      const auto scale = name + suffixes[axis - leading];
      file.scale(
          {.path = fmt::format("{}/{}", what.group, scale),
           .long_name = fmt::format("{} index of {}", axis == leading ? "output" : "input", name)},
          tensor.shape[axis]);
      data.axes.push_back(scale);
    }
    file.write(data, tensor);
  }
}

}  // namespace theria

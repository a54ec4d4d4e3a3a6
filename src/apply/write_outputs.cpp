// SPDX-License-Identifier: Apache-2.0
#include "src/apply/write_outputs.hpp"

#include <fmt/format.h>

#include <cmath>

#include "src/apply/operators.hpp"
#include "src/core/build_info.hpp"
#include "src/io/hdf5/writer.hpp"

namespace theria {

namespace {

const std::map<std::string_view, const char*> meanings = {
    {"b", "batch"},
    {"h", "head"},
    {"i", "query row"},
    {"j", "key row"},
    {"d", "feature of q and k"},
    {"dv", "feature of v and o"},
    {"bias_b", "batch of a bias that is the same for all"},
    {"bias_h", "head of a bias that is the same for all"},
};

/// The scale of an output's axis: "B" is "b", or "bias_b" where it has one entry for all.
std::string scale_of(std::string_view axis, std::size_t extent, std::size_t full) {
  if (axis == "B") return extent == full ? "b" : "bias_b";
  if (axis == "H") return extent == full ? "h" : "bias_h";
  return std::string(axis);
}

}  // namespace

void write_outputs(const ApplyRequest& request, const SdpaCall& call,
                   const std::map<std::string, Tensor>& outputs) {
  const auto& q = call.inputs.at("q").shape;
  const double scale = request.scale.value_or(1.0 / std::sqrt(static_cast<double>(q.at(3))));
  hdf5::Writer file(request.output);
  file.attribute("/", "software", "theria");
  file.attribute("/", "software_version", build_info().version);
  file.attribute("/", "git_hash", build_info().git_hash);
  file.attribute("/", "operator", inputs_of(request.operation).name);
  file.attribute("/", "causal", std::int32_t{request.causal});
  file.attribute("/", "scale", scale);
  file.attribute("/", "precision", word_of(request.precision));
  file.attribute("/", "backend", word_of(request.backend));

  std::map<std::string, std::size_t> scales;
  for (const auto& [name, tensor] : outputs) {
    hdf5::DataSet data{.path = "/" + name};
    const auto& axes = axes_of(name)->axes;
    for (std::size_t axis = 0; axis < axes.size(); ++axis) {
      const auto extent = tensor.shape.at(axis);
      const auto axis_scale = scale_of(axes[axis], extent, axis < 2 ? q[axis] : extent);
      data.axes.push_back(axis_scale);
      if (scales.emplace(axis_scale, extent).second) {
        file.scale({.path = "/" + axis_scale, .long_name = meanings.at(axis_scale)}, extent);
      }
    }
    data.long_name = fmt::format("{} of {}", name, inputs_of(request.operation).name);
    file.write(data, tensor);
  }
  file.commit(request.overwrite ? NameTaken::replace : NameTaken::refuse);
}

}  // namespace theria

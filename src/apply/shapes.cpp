// SPDX-License-Identifier: Apache-2.0
#include "src/apply/shapes.hpp"

#include "src/apply/operators.hpp"
#include "src/io/fault.hpp"

namespace theria {

namespace {

constexpr std::size_t widest = 256;

std::size_t extent_of(const CallExtents& extents, std::string_view axis) {
  if (axis == "b" || axis == "B") return extents.b;
  if (axis == "h" || axis == "H") return extents.h;
  if (axis == "i") return extents.i;
  if (axis == "j") return extents.j;
  return axis == "d" ? extents.d : extents.dv;
}

bool broadcasts(std::string_view axis) { return axis == "B" || axis == "H"; }

/// "(2,3,5,8)", or "(2 or 1,3 or 1,5,7)" where an axis may broadcast.
std::string accepted_shape(const TensorAxes& tensor, const CallExtents& extents) {
  std::vector<std::string> words;
  for (const auto axis : tensor.axes) {
    const auto extent = extent_of(extents, axis);
    const bool or_one = broadcasts(axis) && extent != 1;
    words.push_back(fmt::format("{}{}", extent, or_one ? " or 1" : ""));
  }
  return fmt::format("({})", fmt::join(words, ","));
}

void check_rank(const std::string& name, const Tensor& tensor, const std::string& file) {
  const auto& axes = axes_of(name)->axes;
  if (tensor.shape.size() != axes.size()) {
    fault(file, fmt::format("/{} has shape {}; accepted: {} axes", name, shape_text(tensor.shape),
                            axes.size()));
  }
}

void check_shape(const std::string& name, const Tensor& tensor, const CallExtents& extents,
                 const std::string& file) {
  const auto& entry = *axes_of(name);
  bool good = true;
  for (std::size_t axis = 0; axis < entry.axes.size(); ++axis) {
    const bool one = broadcasts(entry.axes[axis]) && tensor.shape[axis] == 1;
    good = good && (one || tensor.shape[axis] == extent_of(extents, entry.axes[axis]));
  }
  if (!good) {
    fault(file, fmt::format("/{} has shape {}; accepted: {} = ({}), by q, k and v", name,
                            shape_text(tensor.shape), accepted_shape(entry, extents),
                            fmt::join(entry.axes, ",")));
  }
}

void check_range(const char* axis, const char* name, std::size_t extent, std::size_t most,
                 const std::string& file) {
  if (extent < 1 || extent > most) {
    fault(file, fmt::format("/{} has {} = {}; accepted: 1 to {}", name, axis, extent, most));
  }
}

void check_key_lengths(const std::vector<std::int64_t>& lengths, const CallExtents& extents,
                       const std::string& file) {
  if (lengths.size() != extents.b) {
    fault(file, fmt::format("/key_lengths has {} values; accepted: {}, one a batch entry",
                            lengths.size(), extents.b));
  }
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 0 || static_cast<std::size_t>(lengths[b]) > extents.j) {
      fault(file, fmt::format("/key_lengths({}) is {}; accepted: 0 to {}, the number of keys", b,
                              lengths[b], extents.j));
    }
  }
}

}  // namespace

CallExtents check_shapes(const SdpaCall& call, const std::string& file) {
  for (const auto& [name, tensor] : call.inputs) check_rank(name, tensor, file);
  const auto& q = call.inputs.at("q").shape;
  const auto& k = call.inputs.at("k").shape;
  const auto& v = call.inputs.at("v").shape;
  const CallExtents extents{.b = q[0], .h = q[1], .i = q[2], .j = k[2], .d = q[3], .dv = v[3]};
  constexpr std::size_t any = (1U << 31U) - 1;
  check_range("b", "q", extents.b, any, file);
  check_range("h", "q", extents.h, any, file);
  check_range("d", "q", extents.d, widest, file);
  check_range("dv", "v", extents.dv, widest, file);
  for (const auto& [name, tensor] : call.inputs) check_shape(name, tensor, extents, file);

  const auto bias = call.inputs.find("bias");
  const auto bias_dot = call.inputs.find("bias_dot");
  const bool both = bias != call.inputs.end() && bias_dot != call.inputs.end();
  if (both && bias->second.shape != bias_dot->second.shape) {
    fault(file, fmt::format("/bias_dot has shape {}; accepted: {}, the shape of /bias",
                            shape_text(bias_dot->second.shape), shape_text(bias->second.shape)));
  }
  if (call.key_lengths) check_key_lengths(*call.key_lengths, extents, file);
  return extents;
}

}  // namespace theria

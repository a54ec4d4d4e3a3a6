// SPDX-License-Identifier: Apache-2.0
#include "src/apply/shapes.hpp"

#include "src/apply/operators.hpp"
#include "src/io/fault.hpp"

namespace theria {

namespace {

/// The axis that `axis` follows: a bias's B and H are b and h, or 1.
std::string_view full_axis(std::string_view axis) {
  if (axis == "B") return "b";
  return axis == "H" ? "h" : axis;
}

bool broadcasts(std::string_view axis) { return axis != full_axis(axis); }

/// "(2,3,5,8)"; "(2 or 1,3 or 1,5,7)" where an axis may broadcast, its letter where it is not known.
std::string accepted_shape(const TensorAxes& tensor, const CallExtents& extents) {
  std::vector<std::string> words;
  for (const auto axis : tensor.axes) {
    const auto known = extents.find(full_axis(axis));
    if (known == extents.end()) {
      words.emplace_back(axis);
      continue;
    }
    const bool or_one = broadcasts(axis) && known->second != 1;
    words.push_back(fmt::format("{}{}", known->second, or_one ? " or 1" : ""));
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
    const auto known = extents.find(full_axis(entry.axes[axis]));
    const bool one = broadcasts(entry.axes[axis]) && tensor.shape[axis] == 1;
    good = good && (one || known == extents.end() || tensor.shape[axis] == known->second);
  }
  if (!good) {
    fault(file, fmt::format("/{} has shape {}; accepted: {} = ({}), by q, k and v", name,
                            shape_text(tensor.shape), accepted_shape(entry, extents),
                            fmt::join(entry.axes, ",")));
  }
}

void check_range(const char* name, std::string_view axis, std::size_t extent, std::size_t most,
                 const std::string& file) {
  if (extent < 1 || extent > most) {
    fault(file, fmt::format("/{} has {} = {}; accepted: 1 to {}", name, axis, extent, most));
  }
}

/// Of an axis that several have the first says it; one out of range is not held against the others.
CallExtents extents_of(const SdpaCall& call, const std::string& file, InputFaults& faults) {
  CallExtents extents;
  for (const std::string name : {"q", "k", "v"}) {
    const auto found = call.inputs.find(name);
    if (found == call.inputs.end()) continue;
    const auto& axes = axes_of(name)->axes;
    for (std::size_t a = 0; a < axes.size(); ++a) extents.emplace(axes[a], found->second.shape[a]);
  }
  constexpr std::size_t any = (1U << 31U) - 1, widest = 256;
  const auto check = [&](const char* name, std::string_view axis, std::size_t most) {
    if (!call.inputs.contains(name)) return;
    const bool good = faults.passes([&] { check_range(name, axis, extents.at(axis), most, file); });
    if (!good) extents.erase(axis);
  };
  check("q", "b", any);
  check("q", "h", any);
  check("q", "d", widest);
  check("v", "dv", widest);
  return extents;
}

void check_bias_dot(const SdpaCall& call, const std::string& file) {
  const auto bias = call.inputs.find("bias");
  const auto bias_dot = call.inputs.find("bias_dot");
  const bool both = bias != call.inputs.end() && bias_dot != call.inputs.end();
  if (both && bias->second.shape != bias_dot->second.shape) {
    fault(file, fmt::format("/bias_dot has shape {}; accepted: {}, the shape of /bias",
                            shape_text(bias_dot->second.shape), shape_text(bias->second.shape)));
  }
}

void check_length_count(const std::vector<std::int64_t>& lengths, const CallExtents& extents,
                        const std::string& file) {
  if (const auto b = extents.find("b"); b != extents.end() && lengths.size() != b->second) {
    fault(file, fmt::format("/key_lengths has {} values; accepted: {}, one a batch entry",
                            lengths.size(), b->second));
  }
}

void check_lengths(const std::vector<std::int64_t>& lengths, const CallExtents& extents,
                   const std::string& file) {
  const auto j = extents.find("j");
  if (j == extents.end()) return;
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 0 || static_cast<std::size_t>(lengths[b]) > j->second) {
      fault(file, fmt::format("/key_lengths({}) is {}; accepted: 0 to {}, the number of keys", b,
                              lengths[b], j->second));
    }
  }
}

}  // namespace

CallExtents check_shapes(SdpaCall& call, const std::string& file, InputFaults& faults) {
  const auto keep_where = [&](const auto& check) {
    std::erase_if(call.inputs, [&](const auto& input) {
      return !faults.passes([&] { check(input.first, input.second); });
    });
  };
  keep_where([&](const auto& name, const auto& tensor) { check_rank(name, tensor, file); });
  const auto extents = extents_of(call, file, faults);
  keep_where(
      [&](const auto& name, const auto& tensor) { check_shape(name, tensor, extents, file); });
  if (!faults.passes([&] { check_bias_dot(call, file); })) call.inputs.erase("bias_dot");
  if (!call.key_lengths) return extents;
  faults.passes([&] { check_lengths(*call.key_lengths, extents, file); });
  const bool counted = faults.passes([&] { check_length_count(*call.key_lengths, extents, file); });
  if (!counted) call.key_lengths.reset();
  return extents;
}

}  // namespace theria

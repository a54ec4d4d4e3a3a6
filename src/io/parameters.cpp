// SPDX-License-Identifier: Apache-2.0
#include "src/io/parameters.hpp"

#include <algorithm>

#include "src/io/fault.hpp"
#include "src/io/hdf5/reader.hpp"
#include "src/io/input_faults.hpp"
#include "src/io/precision.hpp"

namespace theria {

std::vector<NamedTensor> read_parameters(const std::string& path) {
  const hdf5::Reader file(path);
  const std::string group = file.has_group("/parameters/final") ? "/parameters/final" : "/";
  std::vector<NamedTensor> parameters;
  for (const auto& [name, kind] : file.members(group)) {
    if (kind != hdf5::MemberKind::data_set) continue;
    const auto data_set = (group == "/" ? "" : group) + "/" + name;
    auto tensor = file.floats(data_set);
    check_finite(tensor, path, data_set);
    parameters.push_back({.name = name, .tensor = std::move(tensor)});
  }
  if (parameters.empty()) {
    fault(path,
          "holds no parameters; accepted: data sets named as the model's parameters, in the "
          "group /parameters/final (as in a result file) or at the root");
  }
  return parameters;
}

void check_parameter_shapes(const std::vector<NamedTensor>& parameters,
                            const ParameterShapes& expected, const std::string& path) {
  InputFaults faults;
  std::vector<std::string> names;
  for (const auto& [name, shape] : expected) {
    names.push_back(name);
    const auto found =
        std::find_if(parameters.begin(), parameters.end(),
                     [&, &wanted = name](const auto& tensor) { return tensor.name == wanted; });
    if (found == parameters.end()) {
      faults.add(path, fmt::format("parameter {} of shape {} is missing", name, shape_text(shape)));
    } else if (found->tensor.shape != shape) {
      faults.add(path,
                 fmt::format("parameter {} has shape {}; accepted: {}, as the deck's model has",
                             name, shape_text(found->tensor.shape), shape_text(shape)));
    }
  }
  for (const auto& [name, tensor] : parameters) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      faults.add(path, fmt::format("parameter {} is not the model's; accepted: {}", name,
                                   fmt::join(names, ", ")));
    }
  }
  faults.throw_if_any();
}

}  // namespace theria

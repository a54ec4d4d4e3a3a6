// SPDX-License-Identifier: Apache-2.0
#include "src/apply/load.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "src/apply/operators.hpp"
#include "src/apply/shapes.hpp"
#include "src/apply/values.hpp"
#include "src/io/fault.hpp"
#include "src/io/hdf5/reader.hpp"
#include "src/io/memory.hpp"
#include "src/io/precision.hpp"

namespace theria {

namespace {

using hdf5::MemberKind;

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool read_by_some_operator(std::string_view name) {
  return std::any_of(all_operators().begin(), all_operators().end(), [&](const auto& row) {
    return contains(row.needed, name) || contains(row.optional, name);
  });
}

using Names = std::vector<std::string>;

/// Splits the file's names into those to read and those that another operator would read. A data
/// set that no operator knows is refused: dropping a mask or a cotangent silently would be a wrong
/// answer.
Names names_to_read(const hdf5::Reader& file, const OperatorInputs& inputs, Names& ignored,
                    InputFaults& faults) {
  Names names;
  for (const auto& [name, kind] : file.members("/")) {
    if (kind == MemberKind::scale) continue;
    if (kind == MemberKind::data_set &&
        (contains(inputs.needed, name) || contains(inputs.optional, name))) {
      names.push_back(name);
    } else if (kind == MemberKind::group || read_by_some_operator(name)) {
      ignored.push_back(name);
    } else {
      faults.add(file.path(),
                 fmt::format("/{} is nothing that {} differentiates or takes; it reads {}, and "
                             "where present {}",
                             name, inputs.name, fmt::join(inputs.needed, ", "),
                             fmt::join(inputs.optional, ", ")));
    }
  }
  for (const auto name : inputs.needed) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      faults.add(file.path(), fmt::format("data set /{} is missing; {} needs {}", name, inputs.name,
                                          fmt::join(inputs.needed, ", ")));
    }
  }
  return names;
}

Tensor zeros_like(const Tensor& tensor) {
  Tensor zeros = tensor;
  std::visit([](auto& values) { std::fill(values.begin(), values.end(), 0); }, zeros.values);
  return zeros;
}

void fill_in(std::map<std::string, Tensor>& inputs, const char* missing, const char* like) {
  if (inputs.contains(like) && !inputs.contains(missing)) {
    inputs.emplace(missing, zeros_like(inputs.at(like)));
  }
}

void read_input(const hdf5::Reader& file, const std::string& name, SdpaCall& call) {
  if (name != "key_lengths") {
    call.inputs.emplace(name, rounded(file.floats("/" + name), call.precision));
    return;
  }
  auto lengths = file.integers("/key_lengths");
  if (lengths.shape.size() != 1) {
    fault(file.path(),
          fmt::format("/key_lengths has shape {}; accepted: 1 axis", shape_text(lengths.shape)));
  }
  call.key_lengths = std::move(lengths.values);
}

void check_scale(const ApplyRequest& request) {
  if (!request.scale) return;
  const double scale = *request.scale;
  const bool single = request.precision != Precision::float64;  // the type that scores are made in
  const double used = single ? static_cast<double>(static_cast<float>(scale)) : scale;
  if (!std::isfinite(used)) {
    throw UserError(fmt::format("--scale is {}; accepted: a number finite in {}", scale,
                                word_of(request.precision)));
  }
  if (used == 0 && scale != 0) {
    throw UserError(
        fmt::format("--scale is {}, which {} rounds to 0; give another value, or "
                    "--precision float64",
                    scale, word_of(request.precision)));
  }
}

/// A call holds its inputs as read and as the operator takes them, and results of about their size.
void check_memory(const hdf5::Reader& file, const Names& names) {
  constexpr double copies = 3;
  double bytes = 0;
  for (const auto& name : names) {
    double numbers = copies * sizeof(double);
    for (const auto extent : file.shape("/" + name)) numbers *= static_cast<double>(extent);
    bytes += numbers;
  }
  const auto memory = static_cast<double>(host_memory_bytes());
  if (bytes > memory) {
    fault(file.path(),
          fmt::format("its tensors, their copies and the results take about {:.1f} GB of "
                      "memory; there are {:.1f} GB",
                      bytes * 1e-9, memory * 1e-9));
  }
}

}  // namespace

LoadedCall load_call(const ApplyRequest& request) {
  check_scale(request);
  const hdf5::Reader file(request.input);
  LoadedCall loaded{.call = {.operation = request.operation,
                             .precision = request.precision,
                             .backend = request.backend,
                             .causal = request.causal,
                             .scale = request.scale,
                             .inputs = {},
                             .key_lengths = {}},
                    .ignored = {}};
  auto& call = loaded.call;
  InputFaults faults;
  const auto names = names_to_read(file, inputs_of(request.operation), loaded.ignored, faults);
  if (!faults.passes([&] { check_memory(file, names); })) faults.throw_if_any();
  for (const auto& name : names) faults.passes([&] { read_input(file, name, call); });
  const auto extents = check_shapes(call, file.path(), faults);

  // What a faulty mask hides is not known, so no value under it is judged.
  const auto lost = [&](const char* name, bool present) {
    return !present && std::find(names.begin(), names.end(), name) != names.end();
  };
  if (lost("bias", call.inputs.contains("bias"))) call.inputs.erase("bias_dot");
  // The output's cotangent is given or zero; a tangent of the bias means a bias, of zero.
  fill_in(call.inputs, "bias", "bias_dot");
  if (request.operation == SdpaOperator::jvp_vjp) fill_in(call.inputs, "d_o", "d_o_dot");

  if (!lost("key_lengths", call.key_lengths.has_value())) {
    check_values(call, extents, file.path(), faults);
  }
  faults.throw_if_any();
  return loaded;
}

}  // namespace theria

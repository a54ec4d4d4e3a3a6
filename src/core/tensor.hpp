// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace theria {

/// A dense row-major array on the host, in the precision it was computed in.
struct Tensor {
  std::vector<std::size_t> shape;
  std::variant<std::vector<float>, std::vector<double>> values;
};

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// Few-shot episodes, task axis first: of classes y, or of targets to predict; what there is not is empty.
struct Episodes {
  Tensor x_support;                     // (task, support_sequence, token, feature)
  std::vector<std::int32_t> y_support;  // (task, support_sequence)
  Tensor x_query;                       // (task, query_sequence, token, feature)
  std::vector<std::int32_t> y_query;    // (task, query_sequence)
  Tensor target_support{};              // (task, support_sequence, output)
  Tensor target_query{};                // (task, query_sequence, output)
};

}  // namespace theria

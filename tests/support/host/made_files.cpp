// SPDX-License-Identifier: Apache-2.0
#include "tests/support/host/made_files.hpp"

#include <cstdint>

#include "tests/io/made_file.hpp"

namespace theria::test {
namespace {

void add(MadeFile& file, const std::string& name, const Tensor& tensor) {
  std::visit([&](const auto& values) { file.data(name, tensor.shape, values); }, tensor.values);
}

}  // namespace

void write_episodes(const std::string& path, const Episodes& episodes) {
  MadeFile file(path);
  const auto labels = [&](const std::string& name, const Tensor& x,
                          const std::vector<std::int32_t>& y) {
    file.data(name, {x.shape[0], x.shape[1]}, y);
  };
  add(file, "/episodes/x_support", episodes.x_support);
  add(file, "/episodes/x_query", episodes.x_query);
  if (!episodes.target_support.shape.empty()) {
    add(file, "/episodes/target_support", episodes.target_support);
    add(file, "/episodes/target_query", episodes.target_query);
    return;
  }
  labels("/episodes/y_support", episodes.x_support, episodes.y_support);
  labels("/episodes/y_query", episodes.x_query, episodes.y_query);
}

void write_parameters(const std::string& path, const std::vector<NamedTensor>& parameters) {
  MadeFile file(path);
  for (const auto& [name, tensor] : parameters) add(file, "/" + name, tensor);
}

void write_digits(const std::string& path, int copies) {
  const auto count = static_cast<std::size_t>(10 * copies);
  std::vector<std::uint8_t> labels(count);
  for (std::size_t n = 0; n < count; ++n) labels[n] = static_cast<std::uint8_t>(n % 10);
  MadeFile(path)
      .data("/images", {count, 8, 8}, std::vector<std::uint8_t>(64 * count))
      .data("/labels", {count}, labels);
}

}  // namespace theria::test

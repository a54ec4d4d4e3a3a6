// SPDX-License-Identifier: Apache-2.0
#include "src/io/digits.hpp"

#include <cstdlib>
#include <filesystem>

#include "src/io/fault.hpp"
#include "src/io/hdf5/reader.hpp"

namespace theria {

namespace {

constexpr std::int64_t brightest = 16;
constexpr std::int64_t largest_digit = 9;

std::vector<std::uint8_t> read_small(const hdf5::Reader& file, const std::string& name,
                                     std::int64_t largest) {
  const auto numbers = file.integers(name);
  for (std::size_t flat = 0; flat < numbers.values.size(); ++flat) {
    const auto value = numbers.values[flat];
    if (value < 0 || value > largest) {
      fault(file.path(), fmt::format("{}{} is {}; accepted: 0 to {}", name,
                                     index_text(numbers.shape, flat), value, largest));
    }
  }
  return {numbers.values.begin(), numbers.values.end()};
}

}  // namespace

Digits read_digits(const std::string& path) {
  const hdf5::Reader file(path);
  const auto images = file.shape("/images");
  if (images.size() != 3 || images[0] == 0 || images[1] != 8 || images[2] != 8) {
    fault(path,
          fmt::format("/images has shape {}; accepted: (n,8,8), n at least 1", shape_text(images)));
  }
  const auto labels = file.shape("/labels");
  if (labels != hdf5::Shape{images[0]}) {
    fault(path, fmt::format("/labels has shape {}; accepted: ({}), as /images has shape {}",
                            shape_text(labels), images[0], shape_text(images)));
  }
  return {.images = read_small(file, "/images", brightest),
          .labels = read_small(file, "/labels", largest_digit)};
}

std::string find_data(const std::string& name) {
  namespace fs = std::filesystem;
  std::vector<fs::path> folders;
  if (const char* folder = std::getenv("THERIA_DATA"); folder != nullptr && *folder != '\0') {
    folders.emplace_back(folder);
  }
  std::error_code ignored;
  if (const auto program = fs::read_symlink("/proc/self/exe", ignored); !ignored) {
    folders.push_back(program.parent_path() / "../share/theria/inputs/data");
    folders.push_back(program.parent_path() / "../../inputs/data");
  }
  std::vector<std::string> looked;
  for (const auto& folder : folders) {
    const auto path = (folder / name).lexically_normal();
    if (fs::is_regular_file(path, ignored)) return path.string();
    looked.push_back(path.parent_path().string());
  }
  fault(name, fmt::format("not found; looked in {}; the environment variable THERIA_DATA can name "
                          "another folder",
                          fmt::join(looked, ", ")));
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace theria {

/// Handwritten digits: images (n,8,8) of grey values 0 to 16, and what they show.
struct Digits {
  std::vector<std::uint8_t> images;  // (n,8,8)
  std::vector<std::uint8_t> labels;  // (n), 0 to 9
};

/// Reads data sets `images` and `labels` at the root. Throws UserError as hdf5::Reader does, and
/// for shapes and values that are not digits.
Digits read_digits(const std::string& path);

/// The path of a file of theria's own data. Looked for in $THERIA_DATA, then in the folders of an
/// installation and of a build tree relative to the program. A UserError lists where it looked.
std::string find_data(const std::string& name);

}  // namespace theria

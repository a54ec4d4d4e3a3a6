// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/core/tensor.hpp"

namespace theria::test {

/// Input files as a user would make them, for tests that run kernels: HDF5 stays behind.

/// x_support, x_query, and y_support, y_query or, where there are any, target_support, target_query in /episodes.
void write_episodes(const std::string& path, const Episodes& episodes);

/// Data sets at the root.
void write_parameters(const std::string& path, const std::vector<NamedTensor>& parameters);

/// `images` and `labels`: `copies` black images of each digit.
void write_digits(const std::string& path, int copies);

}  // namespace theria::test

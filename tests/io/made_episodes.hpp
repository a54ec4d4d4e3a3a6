// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "tests/io/made_file.hpp"

namespace theria::test {

/// The four data sets of an episodes file, right unless a test spoils them: 2 tasks of 3 support
/// and 4 query sequences, 5 tokens of 2 features, classes 0 to 2.
struct MadeEpisodes {
  std::string place = "/episodes/";
  std::vector<std::size_t> x_support_shape{2, 3, 5, 2}, y_support_shape{2, 3};
  std::vector<std::size_t> x_query_shape{2, 4, 5, 2}, y_query_shape{2, 4};
  std::vector<double> x_support = std::vector<double>(60, 0.25);
  std::vector<double> x_query = std::vector<double>(80, -0.5);
  std::vector<std::int64_t> y_support{0, 1, 2, 2, 1, 0};
  std::vector<std::int64_t> y_query{0, 1, 2, 0, 2, 1, 0, 2};

  void write(const std::string& path) const {
    MadeFile file(path);
    file.data(place + "x_support", x_support_shape, x_support)
        .data(place + "y_support", y_support_shape, y_support)
        .data(place + "x_query", x_query_shape, x_query)
        .data(place + "y_query", y_query_shape, y_query);
  }
};

}  // namespace theria::test

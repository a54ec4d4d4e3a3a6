// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "src/io/episodes.hpp"

namespace theria::test {

/// `tasks` episodes of 2 support and 3 query sequences, 4 tokens, 2 features, that can be told
/// apart by their numbers.
inline Episodes counted_episodes(std::size_t tasks) {
  Episodes e{.x_support = {{tasks, 2, 4, 2}, std::vector<double>(tasks * 16)},
             .y_support = {},
             .x_query = {{tasks, 3, 4, 2}, std::vector<double>(tasks * 24)},
             .y_query = {}};
  for (std::size_t n = 0; n < tasks; ++n) {
    const double offset = 100 * static_cast<double>(n);
    for (std::size_t i = 0; i < 16; ++i)
      std::get<std::vector<double>>(e.x_support.values)[n * 16 + i] =
          offset + static_cast<double>(i);
    for (std::size_t i = 0; i < 24; ++i)
      std::get<std::vector<double>>(e.x_query.values)[n * 24 + i] =
          offset + 50 + static_cast<double>(i);
    for (std::size_t s = 0; s < 2; ++s)
      e.y_support.push_back(static_cast<std::int32_t>((n + s) % 3));
    for (std::size_t s = 0; s < 3; ++s) e.y_query.push_back(static_cast<std::int32_t>((n * s) % 3));
  }
  return e;
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include "src/io/result_parts.hpp"

namespace theria {

void write_excluded(hdf5::Writer& file, const std::vector<ExcludedTask>& excluded) {
  if (excluded.empty()) return;
  file.scale({.path = "/excluded/exclusion", .long_name = "number of the exclusion"},
             excluded.size());
  std::vector<std::int32_t> steps;
  std::vector<std::int64_t> tasks;
  for (const ExcludedTask& one : excluded) {
    steps.push_back(one.outer_step);
    tasks.push_back(one.task);
  }
  file.write({.path = "/excluded/outer_step",
              .axes = {"exclusion"},
              .long_name = "outer steps done before"},
             steps);
  file.write({.path = "/excluded/task",
              .axes = {"exclusion"},
              .long_name = "training task that diverged, of all that were drawn, from 0"},
             tasks);
}

}  // namespace theria

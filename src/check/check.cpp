// SPDX-License-Identifier: Apache-2.0
#include "src/check/check.hpp"

#include "src/check/properties.hpp"

namespace theria {
namespace {

/// Differences need smooth, well scaled cases with something to differentiate: no empty axis, more
/// than one key, no logits of hundreds.
bool suits_differences(const SdpaCase& c) {
  const bool calm = c.draw == Draw::normal || c.draw == Draw::outliers;
  return calm && c.tq > 1 && c.tk > 1;
}

}  // namespace

std::vector<CheckRow> check(Backend backend) {
  CheckTable table;
  for (const Precision precision : {Precision::float64, Precision::float32, Precision::tfloat32,
                                    Precision::bfloat16, Precision::float16})
    for (const SdpaCase& c : sdpa_cases()) {
      check_values(table, c, precision, backend);
      check_identities(table, c, precision, backend);
    }
  for (const SdpaCase& c : sdpa_cases())
    if (suits_differences(c)) check_differences(table, c, backend);
  return table.rows();
}

}  // namespace theria

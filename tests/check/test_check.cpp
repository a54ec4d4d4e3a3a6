// SPDX-License-Identifier: Apache-2.0
// The contract table of docs/contracts.md, on every backend of this machine.
#include <doctest/doctest.h>

#include <set>

#include "src/check/check.hpp"
#include "src/driver/runtime.hpp"

namespace theria::test {

TEST_CASE("every row of the contract table is kept on every usable backend") {
  for (const BackendInfo& info : backends()) {
    if (!info.usable) continue;
    std::set<std::string> operations, properties;
    for (const CheckRow& row : check(info.backend)) {
      INFO(info.device, ": ", row.operation, ", ", row.property, ", ", row.precision, ": ",
           row.worst, " against ", row.bar, " at ", row.worst_case);
      CHECK(row.passed());
      CHECK(row.cases > 10);
      operations.insert(row.operation);
      properties.insert(row.property);
    }
    CHECK(operations == std::set<std::string>{"sdpa.forward", "sdpa.vjp", "sdpa.jvp", "sdpa.hvp",
                                              "sdpa.jvp_vjp"});
    // Values, adjoint, symmetry, two zeros, two differences, three rates, the same bits; and host
    // against device where there is a device.
    CHECK(properties.size() >= (info.backend == Backend::openmp ? 11 : 12));
  }
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace theria {

/// Of one call, in milliseconds: the median of `samples`, with the quartiles.
struct Timing {
  double median, lower, upper;
  int samples;
};

/// Times `call`, which starts work that `wait` waits for. After a warm-up calls are made in groups long
/// enough for the clock, one group a sample, until `seconds` are spent or there are 50 samples.
Timing time_calls(const std::function<void()>& call, const std::function<void()>& wait,
                  double seconds);

}  // namespace theria

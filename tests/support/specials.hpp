// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

namespace theria::test {

inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace theria::test

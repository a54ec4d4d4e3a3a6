// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace theria {

/// What this machine calls itself and its processor; "unknown" where it does not say.
std::string host_name();
std::string cpu_model();

/// The widest vector instructions of this processor: "avx512f", "avx2", "avx", "sse4.2", "sse2",
/// "neon". Results repeat bit for bit on one such set.
std::string host_simd();

}  // namespace theria

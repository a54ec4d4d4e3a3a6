// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>

namespace theria {

/// Memory that this process may have: the machine's, or less where a control group (a container, a
/// batch job) says so. `root` is where /proc and /sys are.
std::size_t host_memory_bytes(const std::filesystem::path& root = "/");

/// The most memory that this process ever had resident.
std::size_t peak_resident_bytes();

}  // namespace theria

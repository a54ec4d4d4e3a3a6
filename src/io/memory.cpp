// SPDX-License-Identifier: Apache-2.0
#include "src/io/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace theria {

namespace {

namespace fs = std::filesystem;

/// The least number in a file `name` of `folder` and of those above it, each of which binds.
std::size_t least_limit(fs::path folder, const char* name) {
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (;; folder = folder.parent_path()) {
    std::ifstream file(folder / name);
    std::size_t limit = 0;
    if (file >> limit) least = std::min(least, limit);  // a group without a limit says "max"
    if (folder == folder.parent_path()) return least;
  }
}

}  // namespace

std::size_t host_memory_bytes(const fs::path& root) {
  auto bytes = static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) *
               static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::ifstream groups(root / "proc/self/cgroup");
  std::string number, controllers, path;
  while (std::getline(groups, number, ':') && std::getline(groups, controllers, ':') &&
         std::getline(groups, path)) {
    // A container sees its own group as the root of the tree, whatever the path says.
    const auto below = [&](const char* tree) { return root / tree / path.substr(1); };
    if (controllers.empty()) {
      bytes = std::min(bytes, least_limit(below("sys/fs/cgroup"), "memory.max"));
    } else if ((',' + controllers + ',').find(",memory,") != std::string::npos) {
      bytes = std::min(bytes, least_limit(below("sys/fs/cgroup/memory"), "memory.limit_in_bytes"));
    }
  }
  return bytes;
}

std::size_t peak_resident_bytes() {
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) != 0) return 0;
  return static_cast<std::size_t>(used.ru_maxrss) * 1024;  // Linux counts in KiB
}

}  // namespace theria

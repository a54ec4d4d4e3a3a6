// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "src/io/memory.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("the memory is the machine's where no control group limits it") {
  const test::TemporaryFolder root;
  const auto machine = host_memory_bytes(root / "");
  CHECK(machine > 100'000'000);
  write(root / "proc/self/cgroup", "4:memory:/\n0::/job\n");
  write(root / "sys/fs/cgroup/job/memory.max", "max\n");
  write(root / "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  CHECK(host_memory_bytes(root / "") == machine);
}

TEST_CASE("the least limit on the way to the root holds, in either version of control groups") {
  for (const bool second : {true, false}) {
    const test::TemporaryFolder root;
    write(root / "proc/self/cgroup",
          second ? "0::/user/job\n" : "1:cpu:/\n5:hugetlb,memory:/user/job\n");
    const std::string tree = root / (second ? "sys/fs/cgroup/" : "sys/fs/cgroup/memory/");
    const std::string file = second ? "/memory.max" : "/memory.limit_in_bytes";
    write(tree + "user/job" + file, "60000000\n");
    CHECK(host_memory_bytes(root / "") == 60'000'000);
    write(tree + "user" + file, "50000000\n");
    CHECK(host_memory_bytes(root / "") == 50'000'000);
    // In a container the path is the host's, and the limit stands at the root.
    std::filesystem::remove_all(tree + "user");
    write(tree + file, "40000000\n");
    CHECK(host_memory_bytes(root / "") == 40'000'000);
  }
}

}  // namespace theria

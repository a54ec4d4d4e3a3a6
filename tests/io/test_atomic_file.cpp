// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "src/core/error.hpp"
#include "src/io/atomic_file.hpp"
#include "src/io/hdf5/writer.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

namespace {

using test::TemporaryFolder;
using Names = std::vector<std::string>;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::string& path, std::string_view text, NameTaken when_taken) {
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(text)));
  file.publish(when_taken);
}

/// How a child process that runs `work` ends.
template <class Work>
int in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a published file has its name, its bytes, and no companion") {
  const TemporaryFolder folder;
  put(folder / "out.h5", "whole", NameTaken::refuse);
  CHECK(folder.names() == Names{"out.h5"});
  CHECK(content(folder / "out.h5") == "whole");
}

TEST_CASE("nothing is left of a file that was not published") {
  const TemporaryFolder folder;
  {
    AtomicFile file(folder / "out.h5");
    file.write(std::as_bytes(std::span(std::string_view("half"))));
    CHECK(folder.names().size() == 1);
    CHECK(folder.names().front().starts_with(".out.h5."));
    CHECK(folder.names().front().ends_with(".tmp"));
  }
  CHECK(folder.names().empty());
}

TEST_CASE("a taken name is refused, numbered or replaced, as asked") {
  const TemporaryFolder folder;
  put(folder / "out.h5", "first", NameTaken::refuse);
  const auto message =
      folder / "out.h5" +
      ": was created by another program meanwhile; nothing is overwritten: File exists";
  CHECK_THROWS_WITH_AS(put(folder / "out.h5", "second", NameTaken::refuse), message.c_str(),
                       OutputError);
  CHECK(content(folder / "out.h5") == "first");

  put(folder / "out.h5", "third", NameTaken::number);
  put(folder / "out.h5", "fourth", NameTaken::number);
  CHECK(content(folder / "out.h5") == "first");
  CHECK(content(folder / "out-2.h5") == "third");
  CHECK(content(folder / "out-3.h5") == "fourth");

  put(folder / "out.h5", "fifth", NameTaken::replace);
  CHECK(content(folder / "out.h5") == "fifth");
  CHECK(folder.names() == Names{"out-2.h5", "out-3.h5", "out.h5"});
}

TEST_CASE("a process killed while it writes leaves no file under the final name") {
  const TemporaryFolder folder;
  const auto path = folder / "out.h5";
  put(path, "older", NameTaken::refuse);
  for (const bool exists : {true, false}) {
    if (!exists) std::filesystem::remove(path);
    const int status = in_child([&] {
      AtomicFile file(path);
      file.write(std::as_bytes(std::span(std::string_view("half a fi"))));
      ::kill(::getpid(), SIGKILL);
    });
    REQUIRE(WIFSIGNALED(status));
    CHECK(std::filesystem::exists(path) == exists);
    if (exists) CHECK(content(path) == "older");
  }
}

TEST_CASE("a full disk is an OutputError, and HDF5 survives it") {
  const TemporaryFolder folder;
  const int status = in_child([&] {
    // A limit on the size of files is the full disk that a test can have.
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 4096, .rlim_max = 4096};
    ::setrlimit(RLIMIT_FSIZE, &small);
    try {
      hdf5::Writer file(folder / "out.h5");
      const std::vector<double> zeros(10000);
      file.scale({.path = "/i", .long_name = "index"}, zeros.size());
      file.write({.path = "/x", .axes = {"i"}, .long_name = "zeros"}, zeros);
      file.commit(NameTaken::refuse);
    } catch (const OutputError& error) {
      const auto expected = folder / "out.h5" + ": cannot write: File too large";
      ::_exit(error.what() == expected ? 3 : 4);
    }
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 3);
  CHECK(folder.names().empty());
}

TEST_CASE("a folder that is not there is an OutputError of publishing") {
  const TemporaryFolder folder;
  const auto path = folder / "gone/out.h5";
  const auto message =
      path + ": cannot create a file in " + (folder / "gone") + ": No such file or directory";
  CHECK_THROWS_WITH_AS(AtomicFile{path}, message.c_str(), OutputError);
}

}  // namespace theria

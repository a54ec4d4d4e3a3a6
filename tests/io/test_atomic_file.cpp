// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

constexpr Unfinished both[] = {Unfinished::nameless, Unfinished::named};

void put(const std::string& path, std::string_view text, NameTaken when_taken,
         Unfinished unfinished = Unfinished::nameless) {
  AtomicFile file(path, unfinished);
  file.write(std::as_bytes(std::span(text)));
  file.publish(when_taken);
}

bool knows_nameless_files(const TemporaryFolder& folder) {
  const int descriptor = ::open((folder / "").c_str(), O_WRONLY | O_TMPFILE, 0666);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0;
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

TEST_CASE("a published file has its name, its bytes, its mode, and no companion") {
  for (const Unfinished unfinished : both) {
    const TemporaryFolder folder;
    const mode_t before = ::umask(027);
    put(folder / "out.h5", "whole", NameTaken::refuse, unfinished);
    ::umask(before);
    CHECK(folder.names() == Names{"out.h5"});
    CHECK(content(folder / "out.h5") == "whole");
    using std::filesystem::perms;
    CHECK(std::filesystem::status(folder / "out.h5").permissions() ==
          (perms::owner_read | perms::owner_write | perms::group_read));
  }
}

TEST_CASE("nothing is left of a file that was not published") {
  const TemporaryFolder folder;
  for (const Unfinished unfinished : both) {
    {
      AtomicFile file(folder / "out.h5", unfinished);
      file.write(std::as_bytes(std::span(std::string_view("half"))));
      const bool nameless = unfinished == Unfinished::nameless && knows_nameless_files(folder);
      REQUIRE(folder.names().size() == (nameless ? 0 : 1));
      if (!nameless) {
        CHECK(folder.names().front().starts_with(".out.h5."));
        CHECK(folder.names().front().ends_with(".tmp"));
      }
    }
    CHECK(folder.names().empty());
  }
}

TEST_CASE("a taken name is refused, numbered or replaced, as asked") {
  for (const Unfinished unfinished : both) {
    const TemporaryFolder folder;
    const auto write = [&](std::string_view text, NameTaken when_taken) {
      put(folder / "out.h5", text, when_taken, unfinished);
    };
    write("first", NameTaken::refuse);
    const auto message =
        folder / "out.h5" +
        ": was created by another program meanwhile; nothing is overwritten: File exists";
    CHECK_THROWS_WITH_AS(write("second", NameTaken::refuse), message.c_str(), OutputError);
    CHECK(content(folder / "out.h5") == "first");

    write("third", NameTaken::number);
    write("fourth", NameTaken::number);
    CHECK(content(folder / "out.h5") == "first");
    CHECK(content(folder / "out-2.h5") == "third");
    CHECK(content(folder / "out-3.h5") == "fourth");

    write("fifth", NameTaken::replace);
    CHECK(content(folder / "out.h5") == "fifth");
    CHECK(folder.names() == Names{"out-2.h5", "out-3.h5", "out.h5"});

    std::filesystem::create_directory(folder / "folder");
    const auto no_file = folder / "folder" + ": cannot give the finished file its name: ";
    CHECK_THROWS_WITH_AS(put(folder / "folder", "sixth", NameTaken::replace, unfinished),
                         (no_file + "Is a directory").c_str(), OutputError);
    CHECK(folder.names() == Names{"folder", "out-2.h5", "out-3.h5", "out.h5"});
  }
}

TEST_CASE("a process killed while it writes leaves nothing new") {
  const TemporaryFolder folder;
  const auto path = folder / "out.h5";
  put(path, "older", NameTaken::refuse);
  for (const Unfinished unfinished : both) {
    for (const int signal : {SIGHUP, SIGINT, SIGTERM, SIGKILL}) {
      const bool needs_no_handler =
          unfinished == Unfinished::nameless && knows_nameless_files(folder);
      if (signal == SIGKILL && !needs_no_handler) continue;
      CAPTURE(signal);
      const int status = in_child([&] {
        ::signal(signal, SIG_DFL);
        AtomicFile file(path, unfinished);
        file.write(std::as_bytes(std::span(std::string_view("half a fi"))));
        ::kill(::getpid(), signal);
      });
      REQUIRE(WIFSIGNALED(status));
      CHECK(WTERMSIG(status) == signal);
      CHECK(folder.names() == Names{"out.h5"});
      CHECK(content(path) == "older");
    }
  }
}

TEST_CASE("signals that are ignored stay so, and all are as before once a file is published") {
  using Action = void (*)(int);
  for (const Action action : {SIG_IGN, SIG_DFL}) {
    const TemporaryFolder folder;
    const Action before = ::signal(SIGHUP, action);
    {
      AtomicFile file(folder / "out.h5", Unfinished::named);
      if (action == SIG_IGN) ::raise(SIGHUP);
      file.publish(NameTaken::refuse);
    }
    const bool as_before = ::signal(SIGHUP, before) == action;
    CHECK(as_before);
    CHECK(folder.names() == Names{"out.h5"});
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

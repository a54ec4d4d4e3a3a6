// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <stdlib.h>

#include <fstream>

#include "src/core/error.hpp"
#include "src/io/output_path.hpp"
#include "src/io/result.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/io/working_folder.hpp"

namespace theria {

namespace {

using test::TemporaryFolder;
using test::WorkingFolder;

void touch(const std::string& path) { std::ofstream(path) << "x"; }

Deck deck_with(const std::string& output) {
  Deck deck;
  deck.output.file = output;
  return deck;
}

}  // namespace

TEST_CASE("the option goes before the deck's file, and that before the deck's stem") {
  const TemporaryFolder folder;
  const WorkingFolder here(folder / "");
  const auto named = deck_with("deck.h5");
  CHECK(choose_output_path(named, "option.h5", "inputs/quick.yaml", false) == "option.h5");
  CHECK(choose_output_path(named, "", "inputs/quick.yaml", false) == "deck.h5");
  CHECK(choose_output_path(deck_with(""), "", "inputs/quick.yaml", false) == "quick.h5");
  CHECK(choose_output_path(deck_with(""), "", "-", false) == "theria.h5");
  CHECK(folder.names().empty());
}

TEST_CASE("the default name moves on to the next free one, a name given does not") {
  const TemporaryFolder folder;
  const WorkingFolder here(folder / "");
  touch("quick.h5");
  CHECK(choose_output_path(deck_with(""), "", "quick.yaml", false) == "quick-2.h5");
  touch("quick-2.h5");
  CHECK(choose_output_path(deck_with(""), "", "quick.yaml", false) == "quick-3.h5");
  CHECK(choose_output_path(deck_with(""), "", "quick.yaml", true) == "quick.h5");
  const auto* message =
      "output quick.h5: exists; name another file, remove it, or give --overwrite";
  CHECK_THROWS_WITH_AS(choose_output_path(deck_with(""), "quick.h5", "quick.yaml", false), message,
                       UserError);
  CHECK_THROWS_WITH_AS(choose_output_path(deck_with("quick.h5"), "", "quick.yaml", false), message,
                       UserError);
  CHECK(choose_output_path(deck_with(""), "quick.h5", "quick.yaml", true) == "quick.h5");
}

TEST_CASE("an output that cannot be is refused before any work") {
  const TemporaryFolder folder;
  const WorkingFolder here(folder / "");
  touch("file");
  touch("deck.yaml");
  std::filesystem::create_directory("sub");
  const auto check = [](const std::string& path, const char* message) {
    CHECK_THROWS_WITH_AS(check_output_path(path, true), message, UserError);
  };
  check("", "output \"\": names a folder, not a file");
  check("sub", "output sub: names a folder, not a file");
  check("sub/", "output sub/: names a folder, not a file");
  check("gone/out.h5", "output gone/out.h5: the folder gone does not exist; make it first");
  check("file/out.h5", "output file/out.h5: file is no folder");
  check("/dev/null", "output /dev/null: is no regular file");
  const std::string long_name(240, 'x');
  check(long_name,
        ("output " + long_name + ": the name has 240 characters; accepted: at most 223").c_str());
  CHECK_THROWS_WITH_AS(choose_output_path(deck_with(""), "./deck.yaml", "deck.yaml", true),
                       "output ./deck.yaml: is the deck itself; name another file", UserError);
  auto from_file = deck_with("");
  from_file.task.file = "file";
  CHECK_THROWS_WITH_AS(choose_output_path(from_file, "file", "deck.yaml", true),
                       "output file: is the task file itself; name another file", UserError);
  auto continued = deck_with("");
  continued.model.initial = "./file";
  CHECK_THROWS_WITH_AS(choose_output_path(continued, "file", "deck.yaml", true),
                       "output file: is the file of the initial parameters itself; name another "
                       "file",
                       UserError);
  touch("digits.h5");
  ::setenv("THERIA_DATA", (folder / "").c_str(), 1);
  auto digits = deck_with("");
  digits.task.kind = TaskKind::digits;
  CHECK_THROWS_WITH_AS(choose_output_path(digits, "digits.h5", "deck.yaml", true),
                       "output digits.h5: is the task file itself; name another file", UserError);
  ::unsetenv("THERIA_DATA");
}

TEST_CASE("a folder that takes no file is an OutputError") {
  const auto* message = "/proc/theria.h5: cannot create a file in /proc: No such file or directory";
  CHECK_THROWS_WITH_AS(check_output_path("/proc/theria.h5", false), message, OutputError);
}

}  // namespace theria

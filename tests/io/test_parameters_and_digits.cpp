// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <stdlib.h>

#include <algorithm>

#include "src/core/error.hpp"
#include "src/io/digits.hpp"
#include "src/io/parameters.hpp"
#include "tests/io/made_file.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

using test::MadeFile;
using test::TemporaryFolder;

TEST_CASE("stored parameters come from the root or from /parameters/final, which goes first") {
  const TemporaryFolder folder;
  const auto path = folder / "in.h5";
  MadeFile(path).data<float>("/q_proj", {1, 2}, {1, 2}).data<double>("/bias", {1}, {3});
  const auto at_root = read_parameters(path);
  REQUIRE(at_root.size() == 2);
  CHECK(at_root[0].name == "bias");
  CHECK(at_root[1].name == "q_proj");
  CHECK(at_root[1].tensor.shape == std::vector<std::size_t>{1, 2});
  CHECK(std::get<std::vector<float>>(at_root[1].tensor.values) == std::vector<float>{1, 2});
  CHECK_NOTHROW(check_parameter_shapes(at_root, {{"q_proj", {1, 2}}, {"bias", {1}}}, path));

  MadeFile(path).data<float>("/other", {1}, {1}).data<double>("/parameters/final/bias", {1}, {3});
  const auto final = read_parameters(path);
  REQUIRE(final.size() == 1);
  CHECK(final[0].name == "bias");
}

TEST_CASE("data is found in THERIA_DATA, or the message says where it was sought") {
  const TemporaryFolder folder;
  MadeFile(folder / "some.h5").data<double>("/x", {1}, {1});
  const auto sought = std::filesystem::path(folder / "some.h5").parent_path().string();
  ::setenv("THERIA_DATA", sought.c_str(), 1);
  CHECK(find_data("some.h5") == folder / "some.h5");
  try {
    find_data("none.h5");
    FAIL("found what is not there");
  } catch (const UserError& error) {
    const std::string message = error.what();
    CHECK(message.starts_with("none.h5: not found; looked in " + sought + ", "));
    CHECK(message.find("share/theria/inputs/data") != std::string::npos);
    CHECK(message.ends_with("the environment variable THERIA_DATA can name another folder"));
  }
  ::unsetenv("THERIA_DATA");
}

TEST_CASE("the digits that come with theria are whole") {
  const auto digits = read_digits(THERIA_SOURCE_DIR "/inputs/data/digits.h5");
  CHECK(digits.labels.size() == 1797);
  CHECK(digits.images.size() == std::size_t{1797} * 64);
  for (int digit = 0; digit <= 9; ++digit) {
    CHECK(std::count(digits.labels.begin(), digits.labels.end(), digit) > 170);
  }
}

}  // namespace theria

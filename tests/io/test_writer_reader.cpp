// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <limits>

#include "src/io/hdf5/reader.hpp"
#include "src/io/hdf5/writer.hpp"
#include "tests/io/made_file.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria::hdf5 {

using test::MadeFile;
using test::TemporaryFolder;

TEST_CASE("what the writer writes the reader reads") {
  const TemporaryFolder folder;
  const auto path = folder / "out.h5";
  const Tensor single{.shape = {2, 3}, .values = std::vector<float>{1, 2, 3, 4, 5, 6.5F}};
  const Tensor twofold{.shape = {3}, .values = std::vector<double>{0.1, -0.0, 1e300}};
  {
    Writer file(path);
    file.scale({.path = "/a/row", .long_name = "row"}, 2);
    file.scale({.path = "/a/column", .long_name = "column"}, 3);
    file.write({.path = "/a/single", .axes = {"row", "column"}, .long_name = "32 bits"}, single);
    file.write({.path = "/a/twofold", .axes = {"column"}, .long_name = "64 bits"}, twofold);
    file.write({.path = "/a/labels", .axes = {"row"}, .long_name = "classes"},
               std::vector<std::int32_t>{7, -7});
    file.text("/text/deck", "seed: 1\nnotes: ünï\n", "a deck");
    file.text("/text/empty", "", "nothing");
    file.attribute("/", "software", "theria");
    file.attribute("/", "seed", std::numeric_limits<std::uint64_t>::max());
    file.attribute("/a", "threads", std::int32_t{4});
    file.attribute("/a/single", "long", std::string(100000, 'x'));
    CHECK(folder.names().empty());
    CHECK(file.commit(NameTaken::refuse) == path);
  }
  CHECK(folder.names() == std::vector<std::string>{"out.h5"});

  const Reader file(path);
  CHECK(file.floats("/a/single").shape == single.shape);
  CHECK(file.floats("/a/single").values == single.values);
  CHECK(file.floats("/a/twofold").values == twofold.values);
  CHECK(file.integers("/a/labels").values == std::vector<std::int64_t>{7, -7});
  CHECK(file.integers("/a/column").values == std::vector<std::int64_t>{0, 1, 2});
  CHECK(file.text("/text/deck") == "seed: 1\nnotes: ünï\n");
  CHECK(file.text("/text/empty").empty());
  CHECK(file.text_attribute("/", "software") == "theria");
  CHECK(file.text_attribute("/a/single", "units") == "1");
  CHECK(file.text_attribute("/a/single", "long_name") == "32 bits");
  CHECK(file.text_attribute("/a/single", "long")->size() == 100000);
  CHECK_FALSE(file.text_attribute("/", "threads"));
  CHECK(file.number_attribute("/a", "threads") == 4);
  CHECK(file.number_attribute("/", "seed") == 18446744073709551615.0);
  CHECK_FALSE(file.number_attribute("/", "software"));
  CHECK(file.type_name("/a/single") == "float32");
  CHECK(file.type_name("/a/labels") == "int32");
  CHECK(file.type_name("/text/deck") == "text");
}

TEST_CASE("members tell data sets from scales and groups") {
  const TemporaryFolder folder;
  Writer out(folder / "out.h5");
  out.scale({.path = "/i", .long_name = "index"}, 1);
  out.write({.path = "/x", .axes = {"i"}, .long_name = "number"}, std::vector<double>{1});
  out.text("/g/t", "text", "a text");
  out.commit(NameTaken::refuse);

  const Reader file(folder / "out.h5");
  const auto members = file.members("/");
  REQUIRE(members.size() == 3);
  CHECK(members[0].kind == MemberKind::group);
  CHECK(members[1].kind == MemberKind::scale);
  CHECK(members[2].kind == MemberKind::data_set);
  CHECK(file.has("/g/t"));
  CHECK_FALSE(file.has("/g/u"));
  CHECK_FALSE(file.has("/x/u"));
  CHECK(file.has_group("/g"));
  CHECK_FALSE(file.has_group("/x"));
}

TEST_CASE("an axis may be empty") {
  const TemporaryFolder folder;
  Writer out(folder / "out.h5");
  out.scale({.path = "/i", .long_name = "index"}, 0);
  out.write({.path = "/x", .axes = {"i"}, .long_name = "none"}, std::vector<double>{});
  out.commit(NameTaken::refuse);
  CHECK(Reader(folder / "out.h5").floats("/x").shape == Shape{0});
}

TEST_CASE("equal content makes equal bytes") {
  const TemporaryFolder folder;
  for (const auto* name : {"a.h5", "b.h5"}) {
    Writer out(folder / name);
    out.scale({.path = "/i", .long_name = "index"}, 2);
    out.write({.path = "/x", .axes = {"i"}, .long_name = "pair"}, std::vector<double>{1, 2});
    out.commit(NameTaken::refuse);
  }
  const auto bytes = [&](const char* name) {
    std::ifstream file(folder / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  CHECK(bytes("a.h5").size() > 0);
  CHECK((bytes("a.h5") == bytes("b.h5")));
}

TEST_CASE("every floating-point and integer type comes in") {
  const TemporaryFolder folder;
  const auto path = folder / "in.h5";
  const Handle half(H5Tcopy(H5T_IEEE_F32LE), H5Tclose);
  H5Tset_fields(half.id(), 15, 10, 5, 0, 10);
  H5Tset_size(half.id(), 2);
  H5Tset_ebias(half.id(), 15);
  MadeFile(path)
      .data<float>("/half", {2}, {0.5F, -2}, half.id())
      .data<double>("/big_endian", {2}, {0.1, 2}, H5T_IEEE_F64BE)
      .data<std::int64_t>("/small", {2}, {3, 200}, H5T_STD_U8LE)
      .data<std::int64_t>("/big", {2}, {-3, 2000000000000}, H5T_STD_I64BE);
  const Reader file(path);
  CHECK(std::get<std::vector<float>>(file.floats("/half").values) == std::vector<float>{0.5F, -2});
  CHECK(file.type_name("/half") == "float16");
  CHECK(std::get<std::vector<double>>(file.floats("/big_endian").values) ==
        std::vector<double>{0.1, 2});
  CHECK(file.integers("/small").values == std::vector<std::int64_t>{3, 200});
  CHECK(file.integers("/big").values == std::vector<std::int64_t>{-3, 2000000000000});
}

}  // namespace theria::hdf5

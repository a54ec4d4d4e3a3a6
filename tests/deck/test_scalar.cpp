// SPDX-License-Identifier: Apache-2.0
#include "src/deck/scalar.hpp"

#include <doctest/doctest.h>

#include "src/deck/suggest.hpp"
#include "src/deck/text.hpp"

namespace {

using namespace theria;

TEST_CASE("whole numbers") {
  const Limits all{};
  CHECK(parse_count("0", all).value == 0);
  CHECK(parse_count("-12", all).value == -12);
  CHECK(parse_count("9223372036854775807", all).value == 9223372036854775807LL);
  for (const char* text : {"",   " ",   "-",   "+",   "+1",  "01",   "-01",
                           "00", "0x1", "0b1", "0o1", "1_0", "1.0",  "1e0",
                           "1 ", " 1",  "1,0", "١",   "1u",  ".nan", "9223372036854775808",
                           "-0", "true"}) {
    CAPTURE(text);
    const auto parsed = parse_count(text, all);
    CHECK(!parsed.value);
    CHECK(!parsed.reason.empty());
  }
}

TEST_CASE("numbers") {
  const Limits all{};
  CHECK(parse_number("0.4", all).value == 0.4);
  CHECK(parse_number("4e-1", all).value == 0.4);
  CHECK(parse_number("4E+01", all).value == 40.0);
  CHECK(parse_number(".5", all).value == 0.5);
  CHECK(parse_number("5.", all).value == 5.0);
  CHECK(parse_number("-2", all).value == -2.0);
  CHECK(parse_number("0e999999999999", all).value == 0.0);
  CHECK(parse_number("4.9406564584124654e-324", all).value == 5e-324);
  for (const char* text :
       {"",         ".",     "-",       "e1",     "1e",   "1e+",  "1.2.3", "+1.5",
        "01.5",     "0x1p3", "1_000.0", "nan",    "NaN",  ".nan", "-.inf", "inf",
        "Infinity", "1e400", "-1e400",  "1e-400", "1.5f", "1,5",  "0.4 "}) {
    CAPTURE(text);
    const auto parsed = parse_number(text, all);
    CHECK(!parsed.value);
    CHECK(!parsed.reason.empty());
  }
}

TEST_CASE("limits are kept and told") {
  CHECK(words({"0", "1000"}) == "from 0 to 1000");
  CHECK(words({"9", "9"}) == "9");
  CHECK(words({">0", ""}) == "above 0");
  CHECK(words({"0", ""}) == "0 or more");
  CHECK(words({"0", "<1"}) == "from 0 to below 1");
  CHECK(parse_number("1", {"0", "<1"}).reason == "must be from 0 to below 1, not 1");
  CHECK(parse_number("0", {">0", "1"}).reason == "must be above 0 up to 1, not 0");
  CHECK(parse_number("0.999", {"0", "<1"}).value == 0.999);
  CHECK(parse_count("1001", {"0", "1000"}).reason == "must be from 0 to 1000, not 1001");
  CHECK(parse_count("1000", {"0", "1000"}).value == 1000);
}

TEST_CASE("edit distance") {
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("steps", "steps") == 0);
  CHECK(edit_distance("stpes", "steps") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("texts are shown on one line") {
  CHECK(shown("plain é") == "plain é");
  CHECK(shown("a\nb\tc\x01\xFF") == "a\\nb\\tc\\x01\\xff");
  CHECK(shown(std::string(100, 'x')) == std::string(60, 'x') + "…");
}

TEST_CASE("places count characters, not bytes") {
  LineIndex lines("ab\nüü: x\n");
  CHECK(lines.place(1, 6).line == 2);
  CHECK(lines.place(1, 6).column == 5);
  CHECK(lines.place(1, 2).column == 2);
  CHECK(lines.place(0, 1).column == 2);
  CHECK(lines.place(9, 9).line == 10);
}

}  // namespace

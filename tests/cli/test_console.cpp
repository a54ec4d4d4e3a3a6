// SPDX-License-Identifier: Apache-2.0
#include "src/cli/console.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

#include "src/cli/program.hpp"
#include "src/core/error.hpp"
#include "src/deck/deck.hpp"

namespace {

using namespace theria;

TEST_CASE("times, sizes and words") {
  CHECK(utc_now().size() == std::string("2026-01-31T09:30:00Z").size());
  CHECK(clock_words(0.4) == "00:00:00");
  CHECK(clock_words(3671) == "01:01:11");
  CHECK(clock_words(-1) == "00:00:00");
  CHECK(clock_words(360000) == "100:00:00");
  CHECK(byte_words(0) == "0 B");
  CHECK(byte_words(1023) == "1023 B");
  CHECK(byte_words(1536) == "1.5 KiB");
  CHECK(byte_words(std::size_t{3} << 30U) == "3.0 GiB");
  CHECK(byte_words(std::numeric_limits<std::size_t>::max()) == "16.0 EiB");
  CHECK(shell_words({"theria", "run", "my deck.yaml", "--set", "notes=it's", ""}) ==
        "theria run 'my deck.yaml' --set 'notes=it'\\''s' ''");
}

TEST_CASE("tables align by characters") {
  CHECK(table({{"name", "value"}, {"a", "1.0 ± 0.2"}, {"longer", "7"}}, "<>") ==
        "name        value\n"
        "a       1.0 ± 0.2\n"
        "longer          7\n");
}

TEST_CASE("what is thrown decides the exit code") {
  CHECK(with_errors_told([] { return 0; }) == 0);
  CHECK(with_errors_told([]() -> int { throw UserError("a fault of the input"); }) == 2);
  CHECK(with_errors_told([]() -> int {
          throw DeckError(std::vector<Fault>{{"deck.yaml:1:1", "a fault"}});
        }) == 2);
  CHECK(with_errors_told([]() -> int { throw OutputError("no space left"); }) == 3);
  CHECK(with_errors_told([]() -> int { throw RunError("diverged"); }) == 1);
  CHECK(with_errors_told([]() -> int { throw std::bad_alloc(); }) == 1);
  CHECK(with_errors_told([]() -> int { throw std::logic_error("impossible"); }) == 1);
}

}  // namespace

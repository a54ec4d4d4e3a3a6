// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/core/error.hpp"
#include "src/io/episodes.hpp"
#include "src/io/precision.hpp"
#include "tests/io/made_episodes.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

TEST_CASE("episodes are read from their group and from the root alike") {
  const test::TemporaryFolder folder;
  test::MadeEpisodes made;
  made.x_support[11] = 1e-3;
  for (const char* place : {"/episodes/", "/"}) {
    made.place = place;
    made.write(folder / "in.h5");
    const auto episodes = read_episodes(folder / "in.h5", Asked::classes);
    CHECK(episodes.x_support.shape == made.x_support_shape);
    CHECK(episodes.x_query.shape == made.x_query_shape);
    CHECK(std::get<std::vector<double>>(episodes.x_support.values) == made.x_support);
    CHECK(std::get<std::vector<double>>(episodes.x_query.values) == made.x_query);
    CHECK(episodes.y_support == std::vector<std::int32_t>{0, 1, 2, 2, 1, 0});
    CHECK(episodes.y_query == std::vector<std::int32_t>{0, 1, 2, 0, 2, 1, 0, 2});
    CHECK_NOTHROW(check_labels(episodes, 3, "in.h5"));
    CHECK_THROWS_WITH_AS(check_labels(episodes, 2, "in.h5"),
                         "in.h5: y_support(0,2) is 2; accepted: classes 0 to 1", UserError);
  }
}

TEST_CASE("rounding to the deck's precision keeps finite values finite, or says which is not") {
  const Tensor wide{.shape = {1, 2}, .values = std::vector<double>{0.1, 1e300}};
  CHECK(to_precision(wide, Precision::float64, "in.h5", "/x").values == wide.values);
  CHECK_THROWS_WITH_AS(to_precision(wide, Precision::float32, "in.h5", "/x"),
                       "in.h5: /x(0,1) is 1e+300, too large for float32", UserError);
  const Tensor narrow{.shape = {1}, .values = std::vector<float>{0.1F}};
  const auto widened = to_precision(narrow, Precision::float64, "in.h5", "/x");
  CHECK(precision_of(widened) == Precision::float64);
  CHECK(std::get<std::vector<double>>(widened.values)[0] == static_cast<double>(0.1F));
}

}  // namespace theria

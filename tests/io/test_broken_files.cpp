// SPDX-License-Identifier: Apache-2.0
// Files that a user may hand in by mistake, each with the words that refuse it.
#include <doctest/doctest.h>

#include <fstream>
#include <functional>
#include <limits>

#include "src/core/error.hpp"
#include "src/io/digits.hpp"
#include "src/io/episodes.hpp"
#include "src/io/parameters.hpp"
#include "tests/io/made_episodes.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/specials.hpp"

namespace theria {

namespace {

using test::infinity;
using test::MadeEpisodes;
using test::MadeFile;
using test::nan;
using Path = const std::string&;

struct Broken {
  const char* what;
  std::function<void(Path)> make;
  std::function<void(Path)> read;
  const char* message;  // after "<path>: "
};

void episodes(Path path) { check_labels(read_episodes(path, Asked::classes), 3, path); }
void targets(Path path) { read_episodes(path, Asked::targets); }
void digits(Path path) { read_digits(path); }
void parameters(Path path) {
  check_parameter_shapes(read_parameters(path),
                         {{"classifier_bias", {3}}, {"q_proj", {2, 2}}, {"v_proj", {2, 2}}}, path);
}

/// A good episodes file, spoilt.
std::function<void(Path)> spoilt(const std::function<void(MadeEpisodes&)>& spoil) {
  return [=](Path path) {
    MadeEpisodes made;
    spoil(made);
    made.write(path);
  };
}

void write_text(Path path, const std::string& text) { std::ofstream(path) << text; }

void without_ending(Path path) {
  MadeEpisodes().write(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
}

const std::vector<double> four(4, 0.5), three(3, 0.5), two(2, 0.5);

/// One task of 2 + 2 sequences, 2 tokens, 1 feature.
std::function<void(Path)> with_targets(std::vector<std::size_t> support_shape,
                                       std::vector<double> support,
                                       std::vector<std::size_t> query_shape,
                                       std::vector<double> query) {
  return [=](Path path) {
    MadeFile(path)
        .data("/x_support", {1, 2, 2, 1}, four)
        .data("/target_support", support_shape, support)
        .data("/x_query", {1, 2, 2, 1}, four)
        .data("/target_query", query_shape, query);
  };
}

const Broken files[] = {
    {"missing", [](Path) {}, episodes, "No such file or directory"},
    {"a folder", [](Path path) { std::filesystem::create_directory(path); }, episodes,
     "is a folder; accepted: an HDF5 file"},
    {"empty", [](Path path) { write_text(path, ""); }, episodes,
     "the file is empty; accepted: an HDF5 file"},
    {"not HDF5", [](Path path) { write_text(path, "seed: 1\n"); }, episodes, "is not an HDF5 file"},
    {"truncated", without_ending, episodes,
     "the HDF5 file is truncated: its end is missing; copy or make it again"},
    {"no episodes", [](Path path) { MadeFile(path).data("/x", {4}, four); }, episodes,
     "holds no episodes; accepted: data sets x_support, y_support, x_query, y_query in the group "
     "/episodes or at the root"},
    {"episodes twice",
     [](Path path) {
       MadeFile(path).data("/x_query", {4}, four).data("/episodes/x_support", {4}, four);
     },
     episodes, "has episodes in the group /episodes and at the root; accepted: one of them"},
    {"a data set missing", [](Path path) { MadeFile(path).data("/x_support", {4}, four); },
     episodes, "data set /y_support is missing"},
    {"a group for a data set",
     [](Path path) {
       MadeFile(path).group("/x_support").text("/y_support").text("/x_query").text("/y_query");
     },
     episodes, "/x_support is no data set"},
    {"too few axes", spoilt([](auto& made) {
       made.x_support_shape = {6, 5, 2};
     }),
     episodes,
     "/episodes/x_support has shape (6,5,2); accepted: (task, support_sequence, token, feature), "
     "each at least 1"},
    {"no tasks", spoilt([](auto& made) {
       made.x_query_shape = {0, 4, 5, 2};
     }),
     episodes,
     "/episodes/x_query has shape (0,4,5,2); accepted: (task, query_sequence, token, feature), "
     "each "
     "at least 1"},
    {"other tasks in query", spoilt([](auto& made) {
       made.x_query_shape = {4, 2, 5, 2};
     }),
     episodes, "/episodes/x_query has 4 tasks, /episodes/x_support has 2; accepted: the same"},
    {"other features in query", spoilt([](auto& made) {
       made.place = "/";
       made.x_query_shape = {2, 2, 5, 4};
     }),
     episodes, "/x_query has 4 features, /x_support has 2; accepted: the same"},
    {"labels of another shape", spoilt([](auto& made) {
       made.y_support_shape = {3, 2};
     }),
     episodes,
     "/episodes/y_support has shape (3,2); accepted: (2,3), as /episodes/x_support has shape "
     "(2,3,5,2)"},
    {"x NaN", spoilt([](auto& made) { made.x_support[37] = nan; }), episodes,
     "/episodes/x_support(1,0,3,1) is nan; accepted: finite numbers"},
    {"x infinite", spoilt([](auto& made) { made.x_query[79] = -infinity; }), episodes,
     "/episodes/x_query(1,3,4,1) is -inf; accepted: finite numbers"},
    {"a label too large", spoilt([](auto& made) { made.y_query[5] = 3; }), episodes,
     "y_query(1,1) is 3; accepted: classes 0 to 2"},
    {"a label negative", spoilt([](auto& made) { made.y_support[2] = -1; }), episodes,
     "/episodes/y_support(0,2) is -1; accepted: classes 0 to 2147483646"},
    {"x integers",
     [](Path path) {
       MadeFile(path)
           .data<std::int64_t>("/x_support", {1, 1, 1, 1}, {1})
           .text("/y_support")
           .text("/x_query")
           .text("/y_query");
     },
     episodes,
     "/x_support holds int64 values; accepted: floating-point numbers of at most 64 bits"},
    {"labels floating-point",
     [](Path path) {
       MadeFile(path)
           .data("/x_support", {1, 2, 2, 1}, four)
           .data("/y_support", {1, 2}, four)
           .data("/x_query", {1, 2, 2, 1}, four)
           .data("/y_query", {1, 2}, four);
     },
     episodes, "/y_support holds float64 values; accepted: integers"},
    {"targets missing", [](Path path) { MadeEpisodes().write(path); }, targets,
     "data set /episodes/target_support is missing; it has classes, for task.kind file"},
    {"no episodes with targets", [](Path path) { MadeFile(path).data("/x", {4}, four); }, targets,
     "holds no episodes; accepted: data sets x_support, target_support, x_query, target_query in "
     "the group /episodes or at the root"},
    {"targets of another shape", with_targets({1, 2, 2}, four, {1, 2}, two), targets,
     "/target_support has shape (1,2,2); accepted: (1,2) or (1,2,1), as /x_support has shape "
     "(1,2,2,1)"},
    {"a target infinite", with_targets({1, 2}, two, {1, 2, 1}, {0.5, infinity}), targets,
     "/target_query(0,1,0) is inf; accepted: finite numbers"},
    {"more than memory",
     [](Path path) {
       MadeFile(path)
           .claim("/x_support", {1U << 30U, 1U << 20U, 4, 4})
           .text("/y_support")
           .text("/x_query")
           .text("/y_query");
     },
     episodes,
     "/x_support has shape (1073741824,1048576,4,4), which takes 72057594.0 GB of memory"},
    {"no parameters", [](Path path) { MadeFile(path).group("/q_proj"); }, parameters,
     "holds no parameters; accepted: data sets named as the model's parameters, in the group "
     "/parameters/final (as in a result file) or at the root"},
    {"a parameter of text", [](Path path) { MadeFile(path).text("/q_proj"); }, parameters,
     "/q_proj holds text values; accepted: floating-point numbers of at most 64 bits"},
    {"a complex parameter", [](Path path) { MadeFile(path).compound("/q_proj"); }, parameters,
     "/q_proj holds compound values; accepted: floating-point numbers of at most 64 bits"},
    {"a parameter NaN",
     [](Path path) {
       MadeFile(path).data<double>("/parameters/final/b", {2}, {0, nan});
     },
     parameters, "/parameters/final/b(1) is nan; accepted: finite numbers"},
    {"a parameter missing",
     [](Path path) {
       MadeFile(path).data("/q_proj", {2, 2}, four).data("/v_proj", {2, 2}, four);
     },
     parameters, "parameter classifier_bias of shape (3) is missing"},
    {"a parameter of another shape",
     [](Path path) {
       MadeFile(path)
           .data("/q_proj", {4, 1}, four)
           .data("/v_proj", {2, 2}, four)
           .data("/classifier_bias", {3}, three);
     },
     parameters, "parameter q_proj has shape (4,1); accepted: (2,2), as the deck's model has"},
    {"a parameter too many",
     [](Path path) {
       MadeFile(path)
           .data("/q_proj", {2, 2}, four)
           .data("/v_proj", {2, 2}, four)
           .data("/w_proj", {2, 2}, four)
           .data("/classifier_bias", {3}, three);
     },
     parameters, "parameter w_proj is not the model's; accepted: classifier_bias, q_proj, v_proj"},
    {"digits of another size",
     [](Path path) {
       MadeFile(path).data<std::uint8_t>("/images", {1, 4}, {0, 1, 2, 3});
     },
     digits, "/images has shape (1,4); accepted: (n,8,8), n at least 1"},
    {"too bright a digit",
     [](Path path) {
       std::vector<std::uint8_t> images(128, 16);
       images[66] = 17;
       MadeFile(path).data("/images", {2, 8, 8}, images).data<std::uint8_t>("/labels", {2}, {1, 2});
     },
     digits, "/images(1,0,2) is 17; accepted: 0 to 16"},
    {"digits without labels",
     [](Path path) {
       MadeFile(path).data("/images", {1, 8, 8}, std::vector<std::uint8_t>(64));
     },
     digits, "data set /labels is missing"},
    {"fewer labels than digits",
     [](Path path) {
       MadeFile(path)
           .data("/images", {2, 8, 8}, std::vector<std::uint8_t>(128))
           .data<std::uint8_t>("/labels", {1}, {1});
     },
     digits, "/labels has shape (1); accepted: (2), as /images has shape (2,8,8)"},
};

}  // namespace

TEST_CASE("every broken file is refused in its own words") {
  for (const auto& row : files) {
    CAPTURE(row.what);
    const test::TemporaryFolder folder;
    const auto path = folder / "in.h5";
    row.make(path);
    std::string message = "accepted without a word";
    try {
      row.read(path);
    } catch (const UserError& error) {
      message = error.what();
    }
    // The words about memory end with what this machine has.
    const auto expected = path + ": " + row.message;
    const auto compared = std::string_view(row.what) == "more than memory"
                              ? message.substr(0, expected.size())
                              : message;
    CHECK(compared == expected);
  }
}

}  // namespace theria

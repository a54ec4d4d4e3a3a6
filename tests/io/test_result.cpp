// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "src/io/episodes.hpp"
#include "src/io/hdf5/reader.hpp"
#include "src/io/interval.hpp"
#include "src/io/parameters.hpp"
#include "src/io/result.hpp"
#include "tests/io/made_episodes.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

namespace {

using test::TemporaryFolder;

Tensor ramp(std::vector<std::size_t> shape) {
  std::size_t count = 1;
  for (const auto extent : shape) count *= extent;
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.5F);
  return {.shape = std::move(shape), .values = std::move(values)};
}

/// Two tasks, width 2, three classes.
std::vector<NamedTensor> parameters(bool task_axis) {
  std::vector<NamedTensor> tensors{{"q_proj", ramp({2, 2})}, {"classifier_bias", ramp({3})}};
  if (task_axis) tensors = {{"q_proj", ramp({2, 2, 2})}, {"classifier_bias", ramp({2, 3})}};
  return tensors;
}

ResultFile example(int outer_steps, bool record) {
  Deck deck;
  deck.seed = 7;
  deck.precision = Precision::float32;
  deck.backend = Backend::openmp;
  deck.outer.steps = outer_steps;
  RunOutcome outcome{.deck = deck,
                     .device = "a processor",
                     .threads = 2,
                     .training = {},
                     .evaluation = {},
                     .final_parameters = parameters(false),
                     .record = {},
                     .certificate = {}};
  for (int step = 0; step < outer_steps; ++step) {
    outcome.training.push_back({.query_loss = 1.0 / (step + 1),
                                .query_accuracy = 0.25 * step,
                                .support_loss = 1.5,
                                .meta_gradient_norm = 0.125,
                                .seconds = 0.5});
  }
  outcome.evaluation.push_back({.outer_step = 0,
                                .query_loss_before = {1.5, 1.7, 1.6},
                                .query_loss_after = {1.0, 1.2, 1.1},
                                .query_accuracy_before = {0.25, 0.25, 0.25},
                                .query_accuracy_after = {0.5, 0.75, 0.25}});
  if (record) {
    outcome.record = MetaGradientRecord{.episodes = {.x_support = ramp({2, 3, 5, 2}),
                                                     .y_support = {0, 1, 2, 2, 1, 0},
                                                     .x_query = ramp({2, 1, 5, 2}),
                                                     .y_query = {2, 0}},
                                        .initial = parameters(false),
                                        .adapted = parameters(true),
                                        .meta_gradient = parameters(false),
                                        .query_loss = {0.5, 0.75},
                                        .query_accuracy = {1, 0},
                                        .support_loss = {1.5, 1.25}};
  }
  return {.outcome = std::move(outcome),
          .deck_raw = "seed: 7\n",
          .deck_effective = "seed: 7\nprecision: float32\n",
          .deck_path = "inputs/example.yaml",
          .overrides = "outer.steps=2\ninner.rate=0.1\n",
          .command_line = "theria run inputs/example.yaml",
          .time_start = "2030-01-02T03:04:05Z",
          .time_end = "2030-01-02T03:04:15Z",
          .wall_seconds = 10.25};
}

}  // namespace

TEST_CASE("a result file has the groups, axes and values of the run") {
  const TemporaryFolder folder;
  const auto path = write_result(example(2, true), folder / "out.h5", false);
  CHECK(path == folder / "out.h5");
  const hdf5::Reader file(path);
  CHECK(file.text_attribute("/", "Conventions") == "theria-1");
  CHECK(file.text_attribute("/", "software") == "theria");
  CHECK(file.text_attribute("/", "backend") == "openmp");
  CHECK(file.text_attribute("/", "precision") == "float32");
  CHECK(file.text_attribute("/", "exit_reason") == "finished");
  CHECK(file.number_attribute("/", "seed") == 7);
  CHECK(file.number_attribute("/", "wall_seconds") == 10.25);
  for (const char* name :
       {"title", "software_version", "git_hash", "compiler", "kokkos_version", "device", "cpu",
        "host_simd", "engine", "command_line", "host", "time_start", "time_end"}) {
    CAPTURE(name);
    CHECK(file.text_attribute("/", name).value_or("").size() > 0);
  }
  CHECK(file.text("/deck/raw") == "seed: 7\n");
  CHECK(file.text("/deck/effective") == "seed: 7\nprecision: float32\n");
  CHECK(file.integers("/training/outer_step").values == std::vector<std::int64_t>{0, 1});
  CHECK(std::get<std::vector<double>>(file.floats("/training/query_loss").values) ==
        std::vector<double>{1.0, 0.5});
  CHECK(file.text_attribute("/training/seconds", "units") == "s");
  CHECK(file.shape("/evaluation/query_loss_after") == hdf5::Shape{1, 3});
  CHECK(file.shape("/parameters/adapted/q_proj") == hdf5::Shape{2, 2, 2});
  CHECK(file.type_name("/meta_gradient/q_proj") == "float32");
  CHECK(file.shape("/losses/query_loss") == hdf5::Shape{2});
}

TEST_CASE("a run of no outer step has no training, one without record only its parameters") {
  const TemporaryFolder folder;
  auto run = example(0, false);
  run.outcome.training.push_back({1, 1, 1, 1, 1});
  run.outcome.evaluation.clear();
  write_result(run, folder / "out.h5", false);
  const hdf5::Reader file(folder / "out.h5");
  for (const char* group : {"/training", "/evaluation", "/episodes", "/meta_gradient", "/losses",
                            "/parameters/initial", "/parameters/adapted"}) {
    CAPTURE(group);
    CHECK_FALSE(file.has(group));
  }
  CHECK(file.has("/parameters/final/q_proj"));
}

TEST_CASE("a result is an episodes file and a parameters file too") {
  const TemporaryFolder folder;
  const auto run = example(1, true);
  write_result(run, folder / "out.h5", false);
  const auto episodes = read_episodes(folder / "out.h5", Asked::classes);
  CHECK(episodes.x_support.values == run.outcome.record->episodes.x_support.values);
  CHECK(episodes.y_query == run.outcome.record->episodes.y_query);
  const auto stored = read_parameters(folder / "out.h5");
  REQUIRE(stored.size() == 2);
  CHECK(stored[0].name == "classifier_bias");
  CHECK(stored[1].tensor.values == run.outcome.final_parameters[0].tensor.values);
}

TEST_CASE("a name taken since the start costs no result") {
  const TemporaryFolder folder;
  write_result(example(1, false), folder / "out.h5", false);
  CHECK(write_result(example(2, false), folder / "out.h5", false) == folder / "out-2.h5");
  CHECK(hdf5::Reader(folder / "out.h5").shape("/training/seconds") == hdf5::Shape{1});
  CHECK(write_result(example(2, false), folder / "out.h5", true) == folder / "out.h5");
  CHECK(hdf5::Reader(folder / "out.h5").shape("/training/seconds") == hdf5::Shape{2});
}

TEST_CASE("the interval is 1.96 s / sqrt(n)") {
  const auto interval = interval_of(std::vector<double>{1, 2, 3, 6});
  CHECK(interval.mean == 3);
  CHECK(interval.half_width == doctest::Approx(1.96 * std::sqrt(14.0 / 3 / 4)).epsilon(1e-15));
  CHECK(std::isnan(interval_of(std::vector<double>{1}).half_width));
}

TEST_CASE("the summary of a result tells what ran and what came out") {
  const TemporaryFolder folder;
  write_result(example(2, false), folder / "out.h5", false);
  const auto text = describe_result(folder / "out.h5");
  const auto has = [&](const char* words) {
    CAPTURE(words);
    CAPTURE(text);
    CHECK(text.find(words) != std::string::npos);
  };
  has("out.h5: a result of theria ");
  has("inputs/example.yaml, seed 7");
  has("overrides   outer.steps=2, inner.rate=0.1");
  has("openmp, auto engine, float32, a processor");
  has("2030-01-02T03:04:05Z to 2030-01-02T03:04:15Z, 10.2 s");
  has("deck evaluation parameters training");
  has("2 outer steps; the last: query loss 0.5000, query accuracy 0.250");
  has("after 0 outer steps, 3 held-out tasks: query accuracy 0.250 ± 0.000 before adaptation, "
      "0.500 ± 0.283 after");
  has("q_proj (2,2) float32");
  has("record      none (output.record false)");
}

TEST_CASE("the summary of a recorded result tells its meta-gradient") {
  const TemporaryFolder folder;
  ResultFile result = example(0, true);
  write_result(result, folder / "two.h5", false);
  result.outcome.record->query_loss = {0.5};
  result.outcome.record->query_accuracy = {1};
  result.outcome.record->support_loss = {1.5};
  write_result(result, folder / "one.h5", false);
  CHECK(describe_result(folder / "two.h5")
            .find("  record      a meta-gradient of 2 tasks: query loss 0.625 ± 0.245, query "
                  "accuracy 0.500 ± 0.980 after adaptation\n"
                  "  gradient    /meta_gradient/classifier_bias norm 2.958e+00\n"
                  "  gradient    /meta_gradient/q_proj norm 4.583e+00\n") != std::string::npos);
  CHECK(describe_result(folder / "one.h5")
            .find("a meta-gradient of 1 task: query loss 0.500, query accuracy 1.000 after "
                  "adaptation\n") != std::string::npos);
}

TEST_CASE("the summary of another HDF5 file lists its data sets") {
  const TemporaryFolder folder;
  const auto path = folder / "in.h5";
  test::MadeEpisodes().write(path);
  CHECK(describe_result(path) == path +
                                     ": an HDF5 file, no result of a run\n"
                                     "  data set    /episodes/x_query (2,4,5,2) float64\n"
                                     "  data set    /episodes/x_support (2,3,5,2) float64\n"
                                     "  data set    /episodes/y_query (2,4) int64\n"
                                     "  data set    /episodes/y_support (2,3) int64\n");
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/cli/progress.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "src/cli/summary.hpp"

namespace {

using namespace theria;

struct Watched {
  std::string written;
  double now = 0;
  ProgressSink sink() {
    return {[this](std::string_view text) { written += text; }, [this] { return now; }};
  }
  long count(const std::string& text) const {
    long found = 0;
    for (std::size_t at = 0; (at = written.find(text, at)) != std::string::npos; at += text.size())
      ++found;
    return found;
  }
};

constexpr TrainingRow training_row{.query_loss = 0.5,
                                   .query_accuracy = 0.75,
                                   .support_loss = 1,
                                   .meta_gradient_norm = 1,
                                   .seconds = 1};

EvaluationRow evaluation_at(int step) {
  return {.outer_step = step,
          .query_loss_before = {1.5, 1.3},
          .query_loss_after = {0.5, 0.7},
          .query_accuracy_before = {0.2, 0.3},
          .query_accuracy_after = {0.8, 0.9}};
}

TEST_CASE("a batch log gets a dated line at each twentieth, without control characters") {
  Watched watched;
  Progress progress({.interactive = false}, watched.sink());
  progress.after_evaluation(evaluation_at(0));
  for (int step = 1; step <= 1000; ++step) {
    watched.now += 0.5;
    progress.after_step(step, 1000, training_row);
    progress.after_evaluation(evaluation_at(step));
  }
  progress.finish();
  CHECK(watched.count("Z step ") == 20);
  CHECK(watched.count("Z evaluation at step ") == 21);
  CHECK(watched.count("\r") == 0);
  CHECK(watched.count("\033") == 0);
  CHECK(
      watched.count(
          "step 500/1000 (50 %)  ETA 00:04:10  query loss 0.5000  accuracy 75.0 %  2 steps/s\n") ==
      1);
  CHECK(watched.count("step 1000/1000 (100 %)") == 1);
  CHECK(watched.count(
            "evaluation at step 1000: accuracy 25.0 % before adaptation, 85.0 % after\n") == 1);
}

TEST_CASE("a short run tells every step") {
  Watched watched;
  Progress progress({}, watched.sink());
  for (int step = 1; step <= 3; ++step) progress.after_step(step, 3, training_row);
  CHECK(watched.count("Z step ") == 3);
}

TEST_CASE("a terminal gets one line, rewritten at most ten times a second") {
  Watched watched;
  Progress progress({.interactive = true, .colour = false, .width = 120}, watched.sink());
  for (int step = 1; step <= 1000; ++step) {
    watched.now += 0.01;
    progress.after_step(step, 1000, training_row);
  }
  CHECK(watched.count("\r") <= 101);
  CHECK(watched.count("\r") >= 90);
  CHECK(watched.count("\n") == 0);
  CHECK(watched.count("\033[32m") == 0);
  CHECK(watched.count("[##############################] step 1000/1000 (100 %)") == 1);
  progress.finish();
  CHECK(watched.count("\n") == 1);
}

TEST_CASE("a line never grows beyond the terminal") {
  for (const int width : {20, 60, 80, 100, 200}) {
    Watched watched;
    Progress progress({.interactive = true, .colour = false, .width = width}, watched.sink());
    progress.after_step(500000, 1000000, training_row);
    CHECK(watched.written.size() - std::string("\r\033[K").size() <
          static_cast<std::size_t>(width));
  }
}

TEST_CASE("80 columns show how long it takes, the loss and the accuracy") {
  Watched watched;
  Progress progress({.interactive = true, .colour = false, .width = 80}, watched.sink());
  watched.now += 10;
  progress.after_step(2500, 10000, training_row);
  CHECK(watched.count("step 2500/10000 (25 %)  ETA 00:00:30  query loss 0.5000  accuracy 75.0 %") ==
        1);
}

TEST_CASE("colour only where it is wanted") {
  Watched watched;
  Progress progress({.interactive = true, .colour = true, .width = 120}, watched.sink());
  progress.after_step(1, 2, training_row);
  CHECK(watched.count("\033[32m") == 1);
}

TEST_CASE("the summary shows accuracy before and after with intervals") {
  RunOutcome outcome{};
  outcome.evaluation = {evaluation_at(0), evaluation_at(50), evaluation_at(100)};
  const std::string text = summary_text(outcome);
  CHECK(text.find("outer step  accuracy before  accuracy after") != std::string::npos);
  CHECK(text.find("       100     25.0 ± 9.8 %    85.0 ± 9.8 %") != std::string::npos);
  CHECK(text.find("\n        50") == std::string::npos);
}

TEST_CASE("the summary of a single meta-gradient, of one task, has no interval") {
  RunOutcome outcome{};
  outcome.record.emplace();
  outcome.record->query_loss = {0.25};
  outcome.record->query_accuracy = {1};
  CHECK(summary_text(outcome) ==
        "meta-gradient of 1 task: query loss 0.2500, accuracy 100.0 % after adaptation\n");
}

}  // namespace

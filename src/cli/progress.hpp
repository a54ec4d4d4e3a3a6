// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/console.hpp"
#include "src/driver/run.hpp"

namespace theria {

/// Where progress goes and what time it is; the default is standard output and the steady clock.
struct ProgressSink {
  std::function<void(std::string_view)> write;  // bytes, line breaks included
  std::function<double()> seconds;              // of a clock that only runs forward
};
ProgressSink standard_sink();

/// Tells how far a run is: on a terminal one line that is rewritten at most ten times a second,
/// else a dated line at each twentieth of the steps, without carriage returns or colour.
class Progress {
 public:
  explicit Progress(const Terminal& terminal, ProgressSink sink = standard_sink());

  void after_step(int step, int steps, const TrainingRow& row);
  void after_evaluation(const EvaluationRow& row);

  /// Ends the rewritten line, if there is one.
  void finish();

 private:
  std::string bar(double fraction, int room) const;
  void write_line(const std::string& text);
  void warn_of_excluded(int step, const std::vector<std::int64_t>& tasks);

  Terminal m_terminal;
  ProgressSink m_sink;
  double m_start;
  double m_last_drawn = -1;
  bool m_line_open = false;
  int m_steps_bucket = 0;         // twentieths already told
  int m_evaluations_bucket = -1;  // likewise, of evaluations
  int m_steps = 0;                // of the run, known from the first step on
  int m_excluded_steps = 0;       // steps of which tasks were left out
};

}  // namespace theria

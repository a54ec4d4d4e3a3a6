// SPDX-License-Identifier: Apache-2.0
#include "src/bench/timing.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace theria {

Timing time_calls(const std::function<void()>& call, const std::function<void()>& wait,
                  double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto group = [&](int calls) {
    const auto start = Clock::now();
    for (int n = 0; n < calls; ++n) call();
    wait();
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  constexpr double shortest_group = 0.004;
  constexpr int least = 7, most = 50;
  wait();
  double once = group(1);               // the first call also grows workspaces
  if (once < seconds) once = group(1);  // and this one does not
  const int calls = std::max(1, static_cast<int>(shortest_group / std::max(once, 1e-7)));
  if (once < seconds) group(calls);

  std::vector<double> samples;
  for (double spent = 0; samples.size() < least || (spent < seconds && samples.size() < most);) {
    const double took = group(calls);
    samples.push_back(1e3 * took / calls);
    spent += took;
    if (spent > 10 * seconds && samples.size() >= 3) break;
  }
  std::sort(samples.begin(), samples.end());
  const auto at = [&](double share) {
    return samples[static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1) + 0.5)];
  };
  return {at(0.5), at(0.25), at(0.75), static_cast<int>(samples.size())};
}

}  // namespace theria

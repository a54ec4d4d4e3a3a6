// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

namespace theria {

/// The inner steps that a sweep goes back over, cut into segments of up to `length` steps, counted from the last one. Of
/// the last segment all that the sweep needs is kept on the way; of the others only where they start, and they are gone
/// through once more (Griewank 1992, with one level).
struct Segments {
  int steps;   // K
  int swept;   // of these, from the last one back
  int length;  // at least 1

  int count() const { return swept == 0 ? 0 : (swept + length - 1) / length; }
  /// The first step of a segment; its last one is the one before start(segment − 1), or K − 1.
  int start(int segment) const { return std::max(steps - swept, steps - (segment + 1) * length); }
  /// Steps of the last segment.
  int kept() const { return std::min(length, swept); }
  /// Starts that have to be stored: all but that of the last segment, and but θ_0.
  int stored() const { return std::max(0, count() - 1 - (swept == steps ? 1 : 0)); }
  /// The segment that step k starts, whose start has to be stored; 0 where there is none.
  int stored_at(int k) const {
    if (k == 0 || k < steps - swept || k >= steps - kept()) return 0;
    const int segment = (steps - 1 - k) / length;
    return start(segment) == k ? segment : 0;
  }
};

}  // namespace theria

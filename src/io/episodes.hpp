// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "src/core/tensor.hpp"

namespace theria {

/// What is asked of a sequence.
enum class Asked { classes, targets };

/// Reads an episodes file: data sets x_support (task, support_sequence, token, feature), x_query, and of classes
/// y_support (task, support_sequence), y_query, of targets target_support (task, support_sequence) or (task,
/// support_sequence, 1), target_query, in the group /episodes or at the root, so that a recorded result is one too. x and
/// target: any floating-point type, finite; y: any integer type, from 0. Throws UserError with file, data set, index,
/// value and what is accepted.
Episodes read_episodes(const std::string& path, Asked asked);

/// What of an episodes file can be known without reading its numbers.
struct EpisodesSize {
  std::size_t tasks, bytes_of_a_number;  // bytes as read: 8, or 4 of types below float64
};
EpisodesSize size_of_episodes(const std::string& path);

/// Refuses a label that is not in 0 .. classes-1.
void check_labels(const Episodes& episodes, int classes, const std::string& path);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/core/tensor.hpp"

namespace theria {

/// Reads an episodes file: data sets x_support (task, support_sequence, token, feature), y_support
/// (task, support_sequence), x_query, y_query in the group /episodes or at the root, so that a
/// recorded result is one too. x: any floating-point type, finite; y: any integer type, from 0.
/// Throws UserError with file, data set, index, value and what is accepted.
Episodes read_episodes(const std::string& path);

/// Refuses a label that is not in 0 .. classes-1.
void check_labels(const Episodes& episodes, int classes, const std::string& path);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "src/cli/options.hpp"

namespace theria {

/// Takes the `--kokkos-*` words out of `words` (up to a `--`): they are Kokkos's, who reads a plain
/// `--help` too and so must see none of the rest.
std::vector<std::string> take_kokkos_words(std::vector<std::string>& words);

/// Throws UserError for words, or variables of the environment, at which Kokkos would abort.
void check_kokkos_words(const std::vector<std::string>& words);

}  // namespace theria

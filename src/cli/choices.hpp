// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <string>

#include "src/cli/options.hpp"
#include "src/deck/words.hpp"

namespace theria {

/// The choice that a word names; CLI::ValidationError lists the words for any other.
template <typename Choice>
Choice choice_named(const std::string& word) {
  const auto& words = words_of<Choice>;
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end())
    throw CLI::ValidationError(fmt::format("\"{}\" is none of {}", word, fmt::join(words, ", ")));
  return static_cast<Choice>(found - words.begin());
}

/// An option that takes one of a choice's words.
template <typename Choice>
CLI::Option* add_choice(CLI::App& app, const std::string& name, std::function<void(Choice)> set,
                        const std::string& meaning) {
  return app
      .add_option_function<std::string>(
          name, [set](const std::string& word) { set(choice_named<Choice>(word)); }, meaning)
      ->type_name(fmt::format("{}", fmt::join(words_of<Choice>, "|")));
}

/// Keeps a forgotten file name from swallowing the next option.
inline const CLI::Validator& file_name() {
  static const CLI::Validator validator(
      [](std::string& word) {
        if (word.empty()) return std::string("a file name must not be empty");
        return word.starts_with("--")
                   ? fmt::format("\"{0}\" is an option, not a file (a file: ./{0})", word)
                   : std::string();
      },
      "FILE");
  return validator;
}

/// The subcommand `bench` and its own: sdpa, meta.
void add_bench(CLI::App& program, BenchSdpaOptions& sdpa, BenchMetaOptions& meta);

}  // namespace theria

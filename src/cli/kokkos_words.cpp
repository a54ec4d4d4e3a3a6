// SPDX-License-Identifier: Apache-2.0
#include "src/cli/kokkos_words.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "src/core/error.hpp"
#include "src/deck/scalar.hpp"
#include "src/deck/suggest.hpp"
#include "src/deck/text.hpp"

namespace theria {

namespace {

enum class Value { none, count, boolean, text };

struct KokkosFlag {
  std::string_view name;
  Value value;
  Limits limits;
};

constexpr KokkosFlag flags[] = {
    {"--kokkos-help", Value::none, {}},
    {"--kokkos-num-threads", Value::count, {"1", "2147483647"}},
    {"--kokkos-device-id", Value::count, {"0", "1023"}},
    {"--kokkos-map-device-id-by", Value::text, {}},
    {"--kokkos-disable-warnings", Value::boolean, {}},
    {"--kokkos-print-configuration", Value::boolean, {}},
    {"--kokkos-tune-internals", Value::boolean, {}},
    {"--kokkos-tools-help", Value::none, {}},
    {"--kokkos-tools-libs", Value::text, {}},
    {"--kokkos-tools-args", Value::text, {}},
};

bool is_boolean(std::string_view text) {
  return text == "true" || text == "false" || text == "yes" || text == "no" || text == "1" ||
         text == "0";
}

/// Throws unless `text` is a value that the flag takes; `where` is how the user wrote it.
void check_value(const KokkosFlag& flag, std::string_view text, const std::string& where) {
  if (flag.value == Value::count) {
    const auto count = parse_count(text, flag.limits);
    if (!count.value) throw UserError(fmt::format("{}: the value {}", where, count.reason));
  }
  if (flag.value == Value::boolean && !is_boolean(text)) {
    throw UserError(fmt::format("{}: the value must be true or false", where));
  }
  if (flag.name == "--kokkos-map-device-id-by" && text != "random" && text != "mpi_rank") {
    throw UserError(fmt::format("{}: the value must be random or mpi_rank", where));
  }
}

void check_word(const std::string& word) {
  const std::string_view name = std::string_view(word).substr(0, word.find('='));
  const bool has_value = name.size() < word.size();
  std::vector<std::string_view> names;
  for (const KokkosFlag& flag : flags) {
    names.push_back(flag.name);
    if (flag.name != name) continue;
    const bool needs_value = flag.value == Value::count || flag.value == Value::text;
    if (has_value && flag.value == Value::none) {
      throw UserError(fmt::format("{}: {} takes no value", shown(word), name));
    }
    if (!has_value && needs_value) throw UserError(fmt::format("{0}: write {0}=VALUE", name));
    if (has_value) check_value(flag, std::string_view(word).substr(name.size() + 1), shown(word));
    return;
  }
  throw UserError(fmt::format("Kokkos has no option {}{}", shown(name), did_you_mean(name, names)));
}

}  // namespace

std::vector<std::string> take_kokkos_words(std::vector<std::string>& words) {
  std::vector<std::string> taken, rest;
  bool open = true;
  for (std::string& word : words) {
    open = open && word != "--";
    (open && word.starts_with("--kokkos-") ? taken : rest).push_back(std::move(word));
  }
  words = std::move(rest);
  return taken;
}

void check_kokkos_words(const std::vector<std::string>& words) {
  for (const std::string& word : words) check_word(word);
  for (const KokkosFlag& flag : flags) {
    std::string variable(flag.name.substr(2));
    for (char& c : variable)
      c = c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    const char* value = std::getenv(variable.c_str());
    if (value == nullptr || flag.value == Value::none) continue;
    check_value(flag, value, fmt::format("environment variable {}={}", variable, shown(value)));
  }
}

}  // namespace theria

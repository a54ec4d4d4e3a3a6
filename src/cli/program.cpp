// SPDX-License-Identifier: Apache-2.0
#include "src/cli/program.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <type_traits>
#include <variant>

#include "src/cli/console.hpp"
#include "src/cli/kokkos_words.hpp"
#include "src/cli/options.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

namespace {

/// A program started without standard streams would give their numbers to the files it opens, and
/// print its log into them.
void open_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream) {
    if (fcntl(stream, F_GETFD) == -1 && errno == EBADF && open("/dev/null", O_RDWR) == -1) return;
  }
}

int answer(const Answer& reply) {
  if (reply.code == ExitCode::done)
    say(reply.text);
  else
    warn(reply.text);
  return static_cast<int>(reply.code);
}

int dispatch(const Request& request, const Invocation& invocation) {
  const auto start = [&](const auto& options) {
    using Options = std::decay_t<decltype(options)>;
    if constexpr (std::is_same_v<Options, Answer>) return answer(options);
    if constexpr (std::is_same_v<Options, RunOptions>) return run_command(options, invocation);
    if constexpr (std::is_same_v<Options, CheckOptions>) return check_command(options, invocation);
    if constexpr (std::is_same_v<Options, ApplyOptions>) return apply_command(options, invocation);
    if constexpr (std::is_same_v<Options, BenchSdpaOptions>)
      return bench_sdpa_command(options, invocation);
    if constexpr (std::is_same_v<Options, BenchMetaOptions>)
      return bench_meta_command(options, invocation);
    if constexpr (std::is_same_v<Options, InfoOptions>) return info_command(options);
    if constexpr (std::is_same_v<Options, SchemaOptions>) return schema_command(options);
  };
  return std::visit(start, request);
}

int told(ExitCode code, const std::string& message) {
  warn(message);
  return static_cast<int>(code);
}

/// "theria: " before every fault of a message, one a line.
std::string every_line_named(std::string message) {
  for (auto end = message.find('\n'); end != message.npos; end = message.find('\n', end + 1)) {
    message.insert(end + 1, "theria: ");
  }
  return "theria: " + message;
}

const char* const out_of_memory =
    "theria: not enough memory. Of a run, `theria run DECK --dry-run` tells what it needs, and a "
    "smaller meta.batch needs less; of apply and bench, give smaller tensors";

}  // namespace

int with_errors_told(const std::function<int()>& work) {
  try {
    return work();
  } catch (const DeckError& error) {
    return told(ExitCode::usage, error.what());
  } catch (const UserError& error) {
    return told(ExitCode::usage, every_line_named(error.what()));
  } catch (const OutputError& error) {
    return told(ExitCode::output_failed, fmt::format("theria: {}", error.what()));
  } catch (const RunError& error) {
    return told(ExitCode::run_failed, fmt::format("theria: {}", error.what()));
  } catch (const std::bad_alloc&) {
    return told(ExitCode::run_failed, out_of_memory);
  } catch (const std::exception& error) {
    // Kokkos has an exception of its own for this, known by its words alone on the host side.
    if (std::string_view(error.what()).find("failed to allocate") != std::string_view::npos)
      return told(ExitCode::run_failed, out_of_memory);
    return told(ExitCode::run_failed,
                fmt::format("theria: this is a bug, please report it: {}", error.what()));
  }
}

int program(const std::vector<std::string>& words) {
  open_standard_streams();
  // A limit on the size of files is then an error of write(), told like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  const int code = with_errors_told([&] {
    std::vector<std::string> own(words.begin() + (words.empty() ? 0 : 1), words.end());
    const Invocation invocation{.words = words, .kokkos_words = take_kokkos_words(own)};
    const auto& kokkos = invocation.kokkos_words;
    if (std::find(kokkos.begin(), kokkos.end(), "--kokkos-help") != kokkos.end()) {
      // Kokkos prints it and ends the program, whatever else was asked for.
      const Runtime runtime({"--kokkos-help"});
    }
    const Request request = parse_command_line(own);
    if (!std::holds_alternative<Answer>(request)) check_kokkos_words(invocation.kokkos_words);
    return dispatch(request, invocation);
  });
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (lost && code == static_cast<int>(ExitCode::done)) {
    return told(
        ExitCode::output_failed,
        fmt::format("theria: standard output could not be written: {}", std::strerror(errno)));
  }
  return code;
}

}  // namespace theria

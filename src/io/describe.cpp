// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "src/io/fault.hpp"
#include "src/io/hdf5/reader.hpp"
#include "src/io/interval.hpp"
#include "src/io/precision.hpp"
#include "src/io/result.hpp"
#include "src/meta/certificate.hpp"

namespace theria {

namespace {

using hdf5::MemberKind;
using hdf5::Reader;

std::string attribute(const Reader& file, const char* name) {
  return file.text_attribute("/", name).value_or("unknown");
}

double number(const Reader& file, const char* name) {
  return file.number_attribute("/", name).value_or(std::nan(""));
}

std::string line(const char* label, const std::string& text) {
  return fmt::format("  {:<11} {}\n", label, text);
}

std::vector<double> column(const Reader& file, const std::string& name) {
  return std::get<std::vector<double>>(rounded(file.floats(name), Precision::float64).values);
}

std::string describe_provenance(const Reader& file) {
  const bool dirty = number(file, "git_dirty") != 0;
  std::string text =
      fmt::format("{}: a result of theria {} (git {}{}), {}\n", file.path(),
                  attribute(file, "software_version"), attribute(file, "git_hash").substr(0, 12),
                  dirty ? ", modified" : "", attribute(file, "exit_reason"));
  text +=
      line("deck", fmt::format("{}, seed {:.0f}", file.text("/deck/path"), number(file, "seed")));
  if (const auto overrides = file.text("/deck/overrides"); !overrides.empty()) {
    auto words = overrides;
    while (!words.empty() && words.back() == '\n') words.pop_back();
    for (auto at = words.find('\n'); at != words.npos; at = words.find('\n', at)) {
      words.replace(at, 1, ", ");
    }
    text += line("overrides", words);
  }
  text += line("command", attribute(file, "command_line"));
  text += line("ran on", fmt::format("{}, {} engine, {}, {}, host {}, {:.0f} threads, {}",
                                     attribute(file, "backend"), attribute(file, "engine"),
                                     attribute(file, "precision"), attribute(file, "device"),
                                     attribute(file, "host"), number(file, "threads"),
                                     attribute(file, "host_simd")));
  text += line("built with", fmt::format("{}, Kokkos {}", attribute(file, "compiler"),
                                         attribute(file, "kokkos_version")));
  text += line("time", fmt::format("{} to {}, {:.1f} s", attribute(file, "time_start"),
                                   attribute(file, "time_end"), number(file, "wall_seconds")));
  if (file.number_attribute("/", "peak_host_bytes")) {
    const double device = number(file, "device_bytes");
    text += line(
        "memory",
        fmt::format(
            "planned {:.1f} MiB; the process had {:.1f} MiB at most{}",
            (number(file, "planned_device_bytes") + number(file, "planned_host_bytes")) / 1048576,
            number(file, "peak_host_bytes") / 1048576,
            device > 0 ? fmt::format(", and {:.1f} MiB of the GPU", device / 1048576) : ""));
  }
  std::vector<std::string> groups;
  for (const auto& member : file.members("/")) {
    if (member.kind == MemberKind::group) groups.push_back(member.name);
  }
  text += line("groups", fmt::format("{}", fmt::join(groups, " ")));
  return text;
}

std::string describe_training(const Reader& file) {
  if (!file.has_group("/training")) return line("training", "none (outer.steps 0)");
  const auto last = [&](const char* name) {
    const auto values = column(file, std::string("/training/") + name);
    return values.at(values.size() - 1);
  };
  return line(
      "training",
      fmt::format("{} outer steps; the last: query loss {}{}, support loss {}, "
                  "meta-gradient norm {:.3e}",
                  file.shape("/training/query_loss").at(0), number_words(last("query_loss"), 4),
                  file.has("/training/query_accuracy")
                      ? fmt::format(", query accuracy {:.3f}", last("query_accuracy"))
                      : "",
                  number_words(last("support_loss"), 4), last("meta_gradient_norm")));
}

std::string describe_excluded(const Reader& file) {
  if (!file.has_group("/excluded")) return {};
  const auto tasks = file.integers("/excluded/task").values;
  return line("excluded", fmt::format("{} training tasks diverged and were left out, the first {} "
                                      "at outer step {}",
                                      tasks.size(), tasks.at(0),
                                      file.integers("/excluded/outer_step").values.at(0) + 1));
}

std::string describe_certificate(const Reader& file) {
  if (!file.has_group("/certificate")) return {};
  const auto residual = column(file, "/certificate/residual");
  const std::size_t n = worst_task(residual);
  const auto none = [&](const char* name) {
    const auto values = file.integers(std::string("/certificate/") + name).values;
    return std::count(values.begin(), values.end(), 0);
  };
  return line(
      "certificate",
      fmt::format("of {} tasks the worst, {}, has a residual of {:.1e} after {} products; {} not "
                  "solved to the tolerance, {} not positive definite",
                  residual.size(), n, residual[n],
                  file.integers("/certificate/iterations").values.at(n), none("converged"),
                  none("positive")));
}

/// " (2 of them diverged and left out)", of losses of which these are NaN.
std::string left_out_words(std::span<const double> losses) {
  const auto count =
      std::count_if(losses.begin(), losses.end(), [](double loss) { return std::isnan(loss); });
  return count == 0 ? "" : fmt::format(" ({} of them diverged and left out)", count);
}

std::string describe_evaluation(const Reader& file) {
  if (!file.has_group("/evaluation")) return line("evaluation", "none (evaluation.tasks 0)");
  const auto steps = file.integers("/evaluation/outer_step").values;
  const auto interval = [&](const std::string& name, std::size_t row) {
    const auto mean = column(file, "/evaluation/" + name + "_mean").at(row);
    const auto half_width = column(file, "/evaluation/" + name + "_half_width").at(row);
    return interval_words({mean, half_width}, 3);
  };
  const auto losses = column(file, "/evaluation/query_loss_after");
  const auto left_out = [&](std::size_t row) {
    const std::size_t tasks = losses.size() / steps.size();
    return left_out_words({losses.data() + row * tasks, tasks});
  };
  std::string text;
  for (std::size_t row = 0; row < steps.size(); ++row) {
    text +=
        line("evaluation",
             fmt::format(
                 "after {} outer steps, {} held-out tasks{}: {}query loss {} before adaptation, {} "
                 "after",
                 steps[row], file.shape("/evaluation/query_loss_after").at(1), left_out(row),
                 file.has("/evaluation/query_accuracy_after")
                     ? fmt::format("query accuracy {} before adaptation, {} after; ",
                                   interval("query_accuracy_before", row),
                                   interval("query_accuracy_after", row))
                     : "",
                 interval("query_loss_before", row), interval("query_loss_after", row)));
  }
  return text;
}

/// The meta-gradient that the file keeps, and how its tasks fared.
std::string describe_record(const Reader& file) {
  if (!file.has_group("/meta_gradient")) return line("record", "none (output.record false)");
  const auto scores = [&](const char* name) {
    return interval_words(interval_of(column(file, std::string("/losses/") + name)), 3);
  };
  const auto tasks = file.shape("/losses/query_loss").at(0);
  std::string text =
      line("record",
           fmt::format("a meta-gradient of {} task{}{}: query loss {}{} after adaptation", tasks,
                       tasks == 1 ? "" : "s", left_out_words(column(file, "/losses/query_loss")),
                       scores("query_loss"),
                       file.has("/losses/query_accuracy")
                           ? ", query accuracy " + scores("query_accuracy")
                           : ""));
  for (const auto& [name, kind] : file.members("/meta_gradient")) {
    if (kind != MemberKind::data_set) continue;
    const auto path = "/meta_gradient/" + name;
    double squares = 0;
    for (const double x : column(file, path)) squares += x * x;
    text += line("gradient", fmt::format("{} norm {:.3e}", path, std::sqrt(squares)));
  }
  return text;
}

/// Every data set below a group, one a line; scales aside. Links can make a group its own member:
/// the depth ends that.
std::string list(const Reader& file, const std::string& group, const char* label, int depth = 8) {
  std::string text;
  if (depth == 0) return text;
  for (const auto& [name, kind] : file.members(group)) {
    const auto path = (group == "/" ? "" : group) + "/" + name;
    if (kind == MemberKind::group) text += list(file, path, label, depth - 1);
    if (kind == MemberKind::data_set) {
      text += line(
          label, fmt::format("{} {} {}", path, shape_text(file.shape(path)), file.type_name(path)));
    }
  }
  return text;
}

}  // namespace

std::string describe_result(const std::string& path) {
  const Reader file(path);
  // Data and episodes files follow the convention too; only a run has both of these.
  const bool result = file.text_attribute("/", "Conventions") == "theria-1" &&
                      file.has_group("/deck") && file.has_group("/parameters/final");
  if (!result) {
    const auto applied = file.text_attribute("/", "operator");
    const std::string what =
        applied ? "outputs of theria apply " + *applied : "an HDF5 file, no result of a run";
    return fmt::format("{}: {}\n", path, what) + list(file, "/", "data set");
  }
  try {
    return describe_provenance(file) + describe_training(file) + describe_excluded(file) +
           describe_evaluation(file) + describe_certificate(file) + describe_record(file) +
           list(file, "/parameters/final", "parameter");
  } catch (const std::logic_error&) {
    fault(path, "says that it is a result of theria, but its data sets have other shapes");
  }
}

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/apply/operators.hpp"
#include "src/bench/bench_sdpa.hpp"
#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/core/error.hpp"
#include "src/driver/runtime.hpp"
#include "src/io/atomic_file.hpp"

namespace theria {

namespace {

std::string device_of(Backend backend) {
  for (const BackendInfo& info : backends())
    if (info.backend == backend) return info.device;
  return "";
}

/// "sdpa.hvp" without its family.
std::string short_name(SdpaOperator operation) {
  return std::string(inputs_of(operation).name.substr(std::string_view("sdpa.").size()));
}

std::string json_line(const SdpaBenchCase& c, const SdpaBenchResult& r, const std::string& device) {
  return fmt::format(
      R"({{"op":"{}","shape":[{}],"causal":{},"precision":"{}","backend":"{}","device":"{}",)"
      R"("ms":{:.6g},"ms_lower":{:.6g},"ms_upper":{:.6g},"samples":{},"tflops":{:.6g},)"
      R"("useful_products":{},"executed_products":{},"error":{},"argument_bytes":{},)"
      R"("extra_bytes":{},"version":"{}"}})"
      "\n",
      short_name(c.operation), fmt::join(c.shape, ","), c.causal, word_of(c.precision),
      word_of(c.backend), device, r.ms.median, r.ms.lower, r.ms.upper, r.ms.samples, r.tflops,
      r.useful, r.executed, r.error ? fmt::format("{:.3e}", *r.error) : "null", r.argument_bytes,
      r.extra_bytes, help::version());
}

template <class Value>
std::vector<Value> or_else(const std::vector<Value>& given, std::vector<Value> otherwise) {
  return given.empty() ? std::move(otherwise) : given;
}

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes) / (1 << 20));
}

void write_lines(const std::string& file, const std::string& lines) {
  AtomicFile out(file);
  out.write(std::as_bytes(std::span(lines.data(), lines.size())));
  out.publish(NameTaken::replace);
}

}  // namespace

int bench_command(const BenchOptions& options, const Invocation& invocation) {
  const Backend backend = resolve(options.backend);
  const std::string device = device_of(backend);
  const Runtime runtime(invocation.kokkos_words);
  say(help::version());
  say(fmt::format("backend   {}: {}", word_of(backend), device));

  std::vector<std::vector<std::string>> cells = {{"op", "shape B,H,Tq,Tk,D", "precision", "ms",
                                                  "quartiles", "TFLOP/s", "products", "extra MiB",
                                                  "error"}};
  std::string lines;
  for (const SdpaShape& shape : or_else(options.shapes, {bench_shapes()[2].shape}))
    for (const Precision precision : or_else(options.precisions, {Precision::float32}))
      for (const SdpaOperator operation : or_else(
               options.operations,
               {SdpaOperator::forward, SdpaOperator::vjp, SdpaOperator::jvp, SdpaOperator::hvp})) {
        const SdpaBenchCase what{.operation = operation,
                                 .shape = shape,
                                 .precision = precision,
                                 .backend = backend,
                                 .causal = options.causal};
        const SdpaBenchResult r = bench_sdpa(what, options.seconds);
        cells.push_back({short_name(operation),
                         fmt::format("{}{}", fmt::join(shape, ","), what.causal ? " causal" : ""),
                         std::string(word_of(precision)), fmt::format("{:.4g}", r.ms.median),
                         fmt::format("{:.4g}-{:.4g}", r.ms.lower, r.ms.upper),
                         fmt::format("{:.3g}", r.tflops),
                         fmt::format("{}/{}", r.useful, r.executed), megabytes(r.extra_bytes),
                         r.error ? fmt::format("{:.1e}", *r.error) : "-"});
        lines += json_line(what, r, device);
      }
  say(table(cells, "<<<>>>>>>"));
  say("TFLOP/s counts the useful products of 2 B H Tq Tk D operations; a causal mask halves them.\n"
      "error: of the timed run against float64 (of float64 against long double), first and last "
      "head.");
  if (!options.json.empty()) write_lines(options.json, lines);
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

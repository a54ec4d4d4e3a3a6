// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>
#include <vector>

#include "src/apply/operators.hpp"
#include "src/bench/bench_sdpa.hpp"
#include "src/cli/bench_output.hpp"
#include "src/cli/console.hpp"
#include "src/cli/help.hpp"
#include "src/cli/options.hpp"
#include "src/core/error.hpp"
#include "src/driver/runtime.hpp"

namespace theria {

namespace {

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
      r.useful, r.executed, json_error(r.error), r.argument_bytes, r.extra_bytes, help::version());
}

/// A row of the table; it is printed as soon as it is known.
struct SdpaCells {
  std::string op, shape, precision, ms, quartiles, tflops, products, extra, error;

  std::string line() const {
    return fmt::format("{:<8} {:<24} {:<9} {:>9} {:>19} {:>8} {:>8} {:>9} {:>8}", op, shape,
                       precision, ms, quartiles, tflops, products, extra, error);
  }
};

SdpaCells cells_of(const SdpaBenchCase& c, const SdpaBenchResult& r) {
  return {.op = short_name(c.operation),
          .shape = fmt::format("{}{}", fmt::join(c.shape, ","), c.causal ? " causal" : ""),
          .precision = std::string(word_of(c.precision)),
          .ms = fmt::format("{:.4g}", r.ms.median),
          .quartiles = fmt::format("{:.4g}-{:.4g}", r.ms.lower, r.ms.upper),
          .tflops = fmt::format("{:.3g}", r.tflops),
          .products = fmt::format("{}/{}", r.useful, r.executed),
          .extra = fmt::format("{:.1f}", static_cast<double>(r.extra_bytes) / (1 << 20)),
          .error = r.error ? fmt::format("{:.1e}", *r.error) : "-"};
}

/// Refuses, before anything is measured, what the machine can't hold.
void check_memory(const SdpaBenchCase& c) {
  const double wanted = argument_bytes(c);
  const double present = static_cast<double>(memory_bytes(c.backend));
  if (wanted <= present) return;
  throw UserError(
      fmt::format("bench {} of shape {}: its tensors take {:.3g} GiB, {} has {:.3g} GiB",
                  short_name(c.operation), fmt::join(c.shape, ","), wanted / (1 << 30),
                  word_of(c.backend), present / (1 << 30)));
}

}  // namespace

int bench_sdpa_command(const BenchSdpaOptions& options, const Invocation& invocation) {
  const BenchStart start(options.backend, options.json, options.overwrite, invocation);

  std::vector<SdpaBenchCase> cases;
  for (const SdpaShape& shape : or_else(options.shapes, {bench_shapes()[2].shape}))
    for (const Precision precision : or_else(options.precisions, {Precision::float32}))
      for (const SdpaOperator operation : or_else(
               options.operations,
               {SdpaOperator::forward, SdpaOperator::vjp, SdpaOperator::jvp, SdpaOperator::hvp}))
        cases.push_back({.operation = operation,
                         .shape = shape,
                         .precision = precision,
                         .backend = start.backend,
                         .causal = options.causal});
  for (const SdpaBenchCase& c : cases) check_memory(c);

  say(SdpaCells{"op", "shape B,H,Tq,Tk,D", "precision", "ms", "quartiles", "TFLOP/s", "products",
                "extra MiB", "error"}
          .line());
  std::string lines;
  for (const SdpaBenchCase& c : cases) {
    const SdpaBenchResult r = bench_sdpa(c, options.seconds);
    say(cells_of(c, r).line());
    lines += json_line(c, r, start.device);
  }
  say("TFLOP/s counts the useful products of 2 B H Tq Tk D operations, of pairs that a mask "
      "leaves.\n"
      "error: of the timed run against theria in float64 (of float64 against a reference in long "
      "double), first and last head.");
  if (!options.json.empty()) write_lines(options.json, options.overwrite, lines);
  return static_cast<int>(ExitCode::done);
}

}  // namespace theria

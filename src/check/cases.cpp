// SPDX-License-Identifier: Apache-2.0
#include "src/check/cases.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/sdpa/arguments.hpp"
#include "src/io/precision.hpp"

namespace theria {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double>& doubles(Tensor& t) { return std::get<std::vector<double>>(t.values); }
const std::vector<double>& doubles(const Tensor& t) {
  return std::get<std::vector<double>>(t.values);
}

/// Draws tensors of one case.
class Drawer {
 public:
  Drawer(const SdpaCase& c, Precision precision)
      : m_case(c), m_precision(precision), m_engine(std::hash<std::string>{}(c.text())) {}

  Tensor draw(std::vector<std::size_t> shape, double factor = 1, double mean = 0) {
    std::size_t count = 1;
    for (const std::size_t e : shape) count *= e;
    std::vector<double> values(count);
    for (double& x : values) {
      x = mean + factor * m_normal(m_engine);
      if (m_case.draw == Draw::outliers && m_outlier(m_engine)) x += 10 * m_normal(m_engine);
      x = rounded(x, m_precision);
    }
    return {std::move(shape), std::move(values)};
  }

 private:
  SdpaCase m_case;
  Precision m_precision;
  std::mt19937_64 m_engine;
  std::normal_distribution<double> m_normal;
  std::bernoulli_distribution m_outlier{0.001};
};

/// NaN in every key row beyond its batch element's length.
void poison(Tensor& keys, const std::vector<std::int64_t>& lengths) {
  const auto& s = keys.shape;
  for (std::size_t b = 0; b < s[0]; ++b)
    for (std::size_t h = 0; h < s[1]; ++h)
      for (auto j = static_cast<std::size_t>(lengths[b]); j < s[2]; ++j)
        for (std::size_t d = 0; d < s[3]; ++d)
          doubles(keys)[((b * s[1] + h) * s[2] + j) * s[3] + d] = nan;
}

double largest_row(const Tensor& t) {
  const std::size_t width = t.shape[3];
  double largest = 0;
  for (std::size_t row = 0; width > 0 && row < doubles(t).size() / width; ++row) {
    double square = 0;
    for (std::size_t d = 0; d < width; ++d) {
      const double x = doubles(t)[row * width + d];
      square += x * x;
    }
    if (std::isfinite(square)) largest = std::max(largest, square);
  }
  return std::sqrt(largest);
}

}  // namespace

std::string SdpaCase::text() const {
  static const char* const biases[] = {"", " bias", " bias/b", " bias/h", " bias/bh"};
  static const char* const draws[] = {"", " sharp", " large", " mean 3", " outliers"};
  std::string s = "B" + std::to_string(b) + " H" + std::to_string(h) + " Tq" + std::to_string(tq) +
                  " Tk" + std::to_string(tk) + " D" + std::to_string(d) + " Dv" +
                  std::to_string(dv);
  if (causal) s += " causal";
  if (key_lengths) s += " lengths";
  s += biases[static_cast<int>(bias)];
  if (masking_bias) s += " -inf";
  return s + draws[static_cast<int>(draw)];
}

const std::vector<SdpaCase>& sdpa_cases() {
  static const std::vector<SdpaCase> cases = {
      {1, 1, 1, 1, 1, 1},
      {2, 1, 1, 9, 8, 8},
      {1, 1, 31, 31, 31, 31},
      {1, 2, 32, 32, 32, 32},
      {1, 1, 33, 33, 33, 33},
      {1, 1, 65, 63, 64, 64},
      {2, 2, 17, 40, 64, 16},
      {1, 1, 40, 17, 5, 65},
      {1, 2, 70, 70, 128, 128},
      {1, 1, 19, 45, 129, 256},
      {1, 1, 3, 0, 4, 4},
      {1, 1, 0, 3, 4, 4},
      {1, 2, 50, 50, 64, 64, true},
      {1, 1, 20, 75, 32, 32, true},
      {1, 1, 75, 20, 32, 40, true},
      {3, 1, 34, 66, 64, 64, false, true},
      {3, 1, 34, 66, 24, 24, true, true},
      {2, 2, 20, 37, 16, 16, false, false, BiasKind::full},
      {3, 2, 20, 37, 16, 16, false, false, BiasKind::over_batch},
      {2, 3, 20, 37, 16, 16, false, false, BiasKind::over_heads},
      {2, 2, 20, 37, 16, 16, false, false, BiasKind::over_both, true},
      {3, 2, 45, 70, 40, 24, true, true, BiasKind::over_batch, true},
      {2, 2, 70, 45, 100, 128, true, true, BiasKind::full, true},
      {1, 1, 40, 40, 64, 64, false, false, BiasKind::none, false, Draw::sharp},
      {1, 1, 40, 40, 64, 64, true, false, BiasKind::none, false, Draw::large},
      {1, 2, 40, 70, 64, 64, false, false, BiasKind::full, false, Draw::mean_three},
      {1, 2, 64, 96, 64, 64, false, false, BiasKind::none, false, Draw::outliers},
      {2, 8, 70, 130, 20, 12},
      {4, 4, 80, 70, 16, 24, true, true, BiasKind::over_batch, true},
  };
  return cases;
}

SdpaCall make_call(const SdpaCase& c, SdpaOperator operation, Precision precision) {
  Drawer drawer(c, precision);
  SdpaCall call{.operation = operation,
                .precision = precision,
                .backend = Backend::openmp,
                .causal = c.causal,
                .scale = std::nullopt,
                .inputs = {},
                .key_lengths = std::nullopt};
  const double sharpness = c.draw == Draw::sharp ? 3 : c.draw == Draw::large ? 30 : 1;
  const double mean = c.draw == Draw::mean_three ? 3 : 0;
  auto& in = call.inputs;
  in["q"] = drawer.draw({c.b, c.h, c.tq, c.d}, sharpness);
  in["k"] = drawer.draw({c.b, c.h, c.tk, c.d}, 1, mean);
  in["v"] = drawer.draw({c.b, c.h, c.tk, c.dv}, 1, mean);
  in["d_o"] = drawer.draw({c.b, c.h, c.tq, c.dv});
  in["q_dot"] = drawer.draw({c.b, c.h, c.tq, c.d});
  in["k_dot"] = drawer.draw({c.b, c.h, c.tk, c.d}, 1, mean);
  in["v_dot"] = drawer.draw({c.b, c.h, c.tk, c.dv});
  in["d_o_dot"] = drawer.draw({c.b, c.h, c.tq, c.dv});
  if (c.bias != BiasKind::none) {
    const bool one_b = c.bias == BiasKind::over_batch || c.bias == BiasKind::over_both;
    const bool one_h = c.bias == BiasKind::over_heads || c.bias == BiasKind::over_both;
    const std::vector<std::size_t> shape{one_b ? 1 : c.b, one_h ? 1 : c.h, c.tq, c.tk};
    in["bias"] = drawer.draw(shape);
    in["bias_dot"] = drawer.draw(shape, 1, c.draw == Draw::mean_three ? 100 : 0);
    if (c.masking_bias)
      for (std::size_t n = 0; n < doubles(in["bias"]).size(); n += 7)
        doubles(in["bias"])[n] = -infinity;
  }
  if (c.key_lengths) {
    call.key_lengths.emplace();
    for (std::size_t b = 0; b < c.b; ++b)
      call.key_lengths->push_back(static_cast<std::int64_t>(c.tk * b / c.b));
    for (const char* name : {"k", "v", "k_dot", "v_dot"}) poison(in[name], *call.key_lengths);
  }
  return call;
}

double score_bound(const SdpaCall& call) {
  const Tensor &q = call.inputs.at("q"), &k = call.inputs.at("k");
  const auto d = static_cast<std::int64_t>(q.shape[3]);
  double bias = 0;
  if (const auto found = call.inputs.find("bias"); found != call.inputs.end())
    for (const double x : doubles(found->second))
      if (std::isfinite(x)) bias = std::max(bias, std::abs(x));
  return call.scale.value_or(sdpa::default_scale(d)) * largest_row(q) * largest_row(k) + bias;
}

}  // namespace theria

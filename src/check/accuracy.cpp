// SPDX-License-Identifier: Apache-2.0
#include "src/check/accuracy.hpp"

#include <algorithm>
#include <cmath>

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "src/check/reference_sdpa.hpp"
#include "src/deck/words.hpp"

namespace theria {
namespace {

double rmse(const TensorSet& results, const TensorSet& exact) {
  double worst = 0;
  for (const auto& [name, tensor] : results) {
    const auto x = values_of(tensor), y = values_of(exact.at(name));
    double error = 0, size = 0;
    for (std::size_t n = 0; n < x.size(); ++n) {
      error += (x[n] - y[n]) * (x[n] - y[n]);
      size += y[n] * y[n];
    }
    worst = std::max(worst, std::sqrt(error / size));
  }
  return worst;
}

}  // namespace

std::vector<AccuracyRow> accuracy(Backend backend) {
  const SdpaCase outliers{
      .b = 1, .h = 4, .tq = 256, .tk = 256, .d = 64, .dv = 64, .draw = Draw::outliers};
  std::vector<AccuracyRow> rows;
  for (const auto operation :
       {SdpaOperator::forward, SdpaOperator::vjp, SdpaOperator::jvp, SdpaOperator::hvp}) {
    AccuracyRow row{.operation = operation, .rmse = {}, .dense_float32 = 0};
    for (std::size_t n = 0; n < words_of<Precision>.size(); ++n) {
      const auto precision = static_cast<Precision>(n);
      SdpaCall call = make_call(outliers, operation, precision);
      call.backend = backend;
      const TensorSet exact = precision == Precision::float64 ? reference_sdpa<long double>(call)
                                                              : reference_sdpa<double>(call);
      row.rmse.push_back(rmse(apply_sdpa(call), exact));
      if (precision == Precision::float32)
        row.dense_float32 = rmse(reference_sdpa<float>(call), exact);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace theria

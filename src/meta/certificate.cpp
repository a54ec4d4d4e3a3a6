// SPDX-License-Identifier: Apache-2.0
#include "src/meta/certificate.hpp"

#include <cmath>

namespace theria {

void Certificate::append(const Certificate& other) {
  const auto join = [](auto& all, const auto& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  join(iterations, other.iterations);
  join(residual, other.residual);
  join(symmetry_defect, other.symmetry_defect);
  join(stationarity, other.stationarity);
  join(positive, other.positive);
  join(converged, other.converged);
}

std::size_t worst_task(const std::vector<double>& residual) {
  std::size_t worst = 0;
  for (std::size_t n = 0; n < residual.size(); ++n) {
    if (std::isnan(residual[n])) return n;
    if (residual[n] > residual[worst]) worst = n;
  }
  return worst;
}

}  // namespace theria

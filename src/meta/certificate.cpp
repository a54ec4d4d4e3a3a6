// SPDX-License-Identifier: Apache-2.0
#include "src/meta/certificate.hpp"

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

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "src/io/result_parts.hpp"

namespace theria {

void write_certificate(hdf5::Writer& file, const Certificate& certificate) {
  file.scale({.path = "/certificate/task", .long_name = "task of the meta-batch"},
             certificate.residual.size());
  const auto column = [&](const char* name, const std::vector<double>& values, const char* text) {
    file.write({.path = std::string("/certificate/") + name, .axes = {"task"}, .long_name = text},
               values);
  };
  const auto count = [&](const char* name, const std::vector<int>& values, const char* text) {
    file.write({.path = std::string("/certificate/") + name, .axes = {"task"}, .long_name = text},
               std::span<const std::int32_t>(values));
  };
  column(
      "residual", certificate.residual,
      "|b - A lambda| / |b| with A = I + H/rho at the adapted parameters and b the query gradient");
  count("iterations", certificate.iterations,
        "products with the Hessian that conjugate gradients took");
  column("symmetry_defect", certificate.symmetry_defect,
         "|b.A lambda - lambda.A b| / (|b| |A lambda|)");
  column(
      "stationarity", certificate.stationarity,
      "norm of the inner objective's gradient at the adapted parameters, over that at the initial "
      "ones");
  count("positive", certificate.positive,
        "1: A was positive definite along every direction that was met");
  count("converged", certificate.converged, "1: the residual is not above meta.tolerance");
}

}  // namespace theria

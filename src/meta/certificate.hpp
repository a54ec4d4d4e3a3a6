// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace theria {

/// What an implicit meta-gradient is worth, of every task: A = I + H/ρ at θ_K, b = ∇L_query(θ_K), λ the solution.
struct Certificate {
  std::vector<int> iterations;           // products of conjugate gradients
  std::vector<double> residual;          // ‖b − A λ‖ / ‖b‖, computed anew
  std::vector<double> symmetry_defect;   // |b·A λ − λ·A b| / (‖b‖ ‖A λ‖)
  std::vector<double> stationarity;      // ‖g(θ_K)‖ / ‖g(θ_0)‖ of the inner objective
  std::vector<int> positive, converged;  // every p·A p was; the residual is not above the tolerance

  void append(const Certificate& other);
};

/// The task of the largest residual; one that is no number is larger than all.
std::size_t worst_task(const std::vector<double>& residual);

}  // namespace theria

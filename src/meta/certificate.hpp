// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace theria {

/// What an implicit meta-gradient is worth, of every task: A = I + H/ρ at θ_K, b = ∇L_query(θ_K), λ the solution.
struct Certificate {
  std::vector<int> iterations;          // of conjugate gradients
  std::vector<double> residual;         // ‖b − A λ‖ / ‖b‖, computed anew
  std::vector<double> symmetry_defect;  // |b·A λ − λ·A b| / (‖b‖ ‖A λ‖)
  std::vector<double>
      stationarity;  // ‖g(θ_K)‖ / ‖g(θ_0)‖ of the inner objective, whose minimiser is meant
  std::vector<char> positive,
      converged;  // every p·A p was positive; the residual got below the tolerance

  void append(const Certificate& other);
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"
#include "src/deck/deck.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// One step of the inner loop, s_{k+1} = Φ(s_k, g) with s = (θ, m, v), and its reverse, written by hand. g is the
/// gradient at θ_k; where `inner.parameters` is head, that of all other parameters counts as zero.
///
///     sgd       θ' = θ − α g
///     momentum  m' = μ m + g             θ' = θ − α m'
///     adam      m' = β₁ m + (1 − β₁) g   v' = β₂ v + (1 − β₂) g²
///               θ' = θ − α m̂ / √(v̂ + ε²)   m̂ = m'/(1 − β₁ᵏ⁺¹)   v̂ = v'/(1 − β₂ᵏ⁺¹)
///
/// Reverse, from λ = ∂F/∂θ' and the λ_m, λ_v that are kept here (zero at the end of the loop) to λ_g = ∂F/∂g;
/// λ itself passes on to θ unchanged:
///
///     sgd       λ_g = −α λ
///     momentum  λ_g = λ_m' = λ_m − α λ   λ_m ← μ λ_m'
///     adam      d = √(v̂ + ε²)   λ_m' = λ_m − α λ/(d (1 − β₁ᵏ⁺¹))   λ_v' = λ_v + α λ m̂/(2 d³ (1 − β₂ᵏ⁺¹))
///               λ_g = (1 − β₁) λ_m' + 2 (1 − β₂) g λ_v'   λ_m ← β₁ λ_m'   λ_v ← β₂ λ_v'
///
/// ε² stands inside the root, unlike in the outer Adam: the derivative exists where v̂ = 0.
template <class Space, class Scalar>
class InnerRule {
 public:
  /// For up to `tasks` tasks, and the last `swept` steps of the loop.
  InnerRule(const Deck& deck, const ParameterLayout& layout, int tasks, int swept);

  static std::size_t bytes(const Deck& deck, std::size_t size, int tasks, int swept);

  /// next = θ_{k+1} (n,P), overwritten; it may be theta. Step 0 starts with m = v = 0.
  void step(const Space& space, int k, const Array<const Scalar, 2>& theta,
            const Array<const Scalar, 2>& g, const Array<Scalar, 2>& next);

  /// lambda_g (n,P) of step k, overwritten; steps go back from the last one.
  void reverse(const Space& space, int k, const Array<const Scalar, 2>& lambda,
               const Array<Scalar, 2>& lambda_g);

 private:
  InnerDeck m_deck;
  std::int64_t m_first;  // parameters from here on adapt
  int m_swept;
  ViewOn<Scalar**, Space> m_m, m_v;  // (n,P)
  ViewOn<Scalar**, Space> m_lambda_m, m_lambda_v;
  ViewOn<Scalar***, Space> m_kept_g, m_kept_m,
      m_kept_v;  // (k,n,P): g, m', v' of swept steps of Adam
};

}  // namespace theria

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
///     sgd       θ' = θ − α g             α one number, or learned: one a parameter (Li, Zhou, Chen and Li 2017)
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
/// and, where rates are learned, λ_α ← λ_α − λ∘g; a step that is not swept, whose g counts as constant, too.
///
/// ε² stands inside the root, unlike in the outer Adam: the derivative exists where v̂ = 0.
template <class Space, class Scalar>
class InnerRule {
 public:
  /// What a step leaves behind for its reverse.
  struct Place {
    int slot = -1;         // where it is kept; −1: not at all
    bool unswept = false;  // the sweep does not go back over it
  };

  /// For up to `tasks` tasks, `kept` steps and `stored` states.
  InnerRule(const Deck& deck, const ParameterLayout& layout, int tasks, int kept, int stored);

  static std::size_t bytes(const Deck& deck, std::size_t size, int tasks, int kept, int stored);

  /// Whether the reverse of a step needs what the step kept, beside θ_k.
  bool keeps() const { return m_kept_g.extent(0) > 0; }

  /// The state (m, v) before a step goes to place `at`, and comes back from there.
  void store(const Space& space, int at) const;
  void restore(const Space& space, int at) const;

  /// Start of a loop: its learned rates (P); not given, inner.rate.
  void start(const Array<const Scalar, 1>& rates) { m_rates = rates; }

  /// next = θ_{k+1} (n,P), overwritten; it may be theta. Step 0 starts with m = v = 0.
  void step(const Space& space, int k, Place place, const Array<const Scalar, 2>& theta,
            const Array<const Scalar, 2>& g, const Array<Scalar, 2>& next);

  /// lambda_g (n,P) of step k, overwritten; steps go back from the last one. lambda_rates (n,P) gets its part of a
  /// swept step added, where rates are learned.
  void reverse(const Space& space, int k, int slot, const Array<const Scalar, 2>& lambda,
               const Array<Scalar, 2>& lambda_g, const Array<Scalar, 2>& lambda_rates);

  /// The part of the unswept steps: lambda_rates −= λ∘Σ g; rates are learned.
  void reverse_unswept(const Space& space, const Array<const Scalar, 2>& lambda,
                       const Array<Scalar, 2>& lambda_rates) const;

 private:
  InnerDeck m_deck;
  std::int64_t m_first;  // parameters from here on adapt
  Array<const Scalar, 1> m_rates{};
  ViewOn<Scalar**, Space> m_m, m_v;     // (n,P)
  ViewOn<Scalar**, Space> m_unswept_g;  // (n,P): Σ g of the unswept steps, with learned rates
  ViewOn<Scalar**, Space> m_lambda_m, m_lambda_v;
  ViewOn<Scalar***, Space> m_kept_g, m_kept_m,
      m_kept_v;  // (slot,n,P): g, m', v' of kept steps of Adam; g of those with learned rates
  ViewOn<Scalar***, Space> m_stored_m, m_stored_v;  // (place,n,P)
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"
#include "src/deck/deck.hpp"

namespace theria {

/// β of outer step `step` (from 0): rate (step + 1)/warmup in the warm-up of w steps, then rate, or by the cosine
/// rate (1 + cos(π (step − w)/(steps − w)))/2.
double outer_rate(const OuterDeck& deck, int step);

/// The outer optimiser: one step of the parameters theta (P) along the mean meta-gradient g.
///     clip   g ← g min(1, clip / ‖g‖)
///     SGD    θ ← θ − β g
///     Adam   m ← β₁ m + (1 − β₁) g   v ← β₂ v + (1 − β₂) g²
///            θ ← θ − β (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)      (Kingma and Ba, arXiv:1412.6980)
///     AdamW  θ ← θ − β weight_decay θ, then as Adam                   (Loshchilov and Hutter, arXiv:1711.05101)
/// β is outer_rate() of the step.
template <class Space, class Scalar>
class OuterOptimiser {
 public:
  OuterOptimiser(const OuterDeck& deck, std::size_t size);

  /// Bytes of Adam's and AdamW's m and v; SGD keeps nothing.
  static std::size_t bytes(const OuterDeck& deck, std::size_t size) {
    return deck.optimizer == OuterOptimizer::sgd ? 0 : 2 * size * sizeof(Scalar);
  }

  /// theta is updated in place; `norm` is ‖g‖.
  void step(const Space& space, const ViewOn<Scalar*, Space>& theta,
            const ViewOn<Scalar*, Space>& gradient, double norm);

 private:
  OuterDeck m_deck;
  ViewOn<Scalar*, Space> m_mean, m_square;  // Adam's m and v
  int m_steps = 0;
};

}  // namespace theria

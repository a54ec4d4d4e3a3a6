// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/core/spaces.hpp"
#include "src/deck/deck.hpp"

namespace theria {

/// The outer optimiser: one step of the parameters theta (P) along the mean meta-gradient g.
///     SGD   θ ← θ − β g
///     Adam  m ← β₁ m + (1 − β₁) g   v ← β₂ v + (1 − β₂) g²
///           θ ← θ − β (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)      (Kingma and Ba, arXiv:1412.6980)
template <class Space, class Scalar>
class OuterOptimiser {
 public:
  OuterOptimiser(const OuterDeck& deck, std::size_t size);

  /// Bytes of Adam's m and v; SGD keeps nothing.
  static std::size_t bytes(const OuterDeck& deck, std::size_t size) {
    return deck.optimizer == OuterOptimizer::adam ? 2 * size * sizeof(Scalar) : 0;
  }

  /// theta is updated in place.
  void step(const Space& space, const ViewOn<Scalar*, Space>& theta,
            const ViewOn<Scalar*, Space>& gradient);

 private:
  OuterDeck m_deck;
  ViewOn<Scalar*, Space> m_mean, m_square;  // Adam's m and v
  int m_steps = 0;
};

}  // namespace theria

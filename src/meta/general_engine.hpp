// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/meta/engine.hpp"
#include "src/models/tiny_attention.hpp"

namespace theria {

/// Any model that has a loss, gradients and Hessian-vector products, an operator a launch for all tasks. Kept per
/// task: θ_1 … θ_K for FULL, one θ otherwise.
template <class Space, class Scalar>
class GeneralEngine : public Engine<Space, Scalar> {
 public:
  GeneralEngine(const Deck& deck, int tasks);

  void adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
             const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& adapted) override;

  Array<const Scalar, 2> gradient(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                  const EpisodeBatch<Space, Scalar>& batch,
                                  const Array<Scalar, 2>& adapted) override;

  const LaunchScores<Space, Scalar>& scores() const override { return m_scores; }

  static EngineBytes bytes(const Deck& deck, int tasks);

 private:
  void inner_loop(const Space& space, const ViewOn<Scalar*, Space>& theta,
                  const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& adapted,
                  bool keep);

  Deck m_deck;
  TinyAttention<Space, Scalar> m_model;
  ViewOn<Scalar***, Space> m_trajectory;  // (k,n,P): θ_1 … θ_K, or θ_K alone
  ViewOn<Scalar**, Space> m_step;         // (n,P): a gradient, then H λ
  ViewOn<Scalar**, Space> m_lambda;       // (n,P)
  Array<const Scalar, 2> m_initial, m_adapted;
  LaunchScores<Space, Scalar> m_scores;
};

}  // namespace theria

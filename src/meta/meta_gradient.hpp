// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/meta/pairwise_sum.hpp"
#include "src/models/tiny_attention.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Inner loop and reverse sweep of MAML on a batch of tasks, without a graph (Finn et al. 2017;
/// the sweep is reverse mode with forward-over-reverse products):
///
///     θ_{k+1} = θ_k − α ∇L_support(θ_k)                      k = 0 … K − 1
///     λ_K = ∇L_query(θ_K)   λ_k = λ_{k+1} − α ∇²L_support(θ_k) λ_{k+1}
///
/// FULL ends at λ_0, the exact meta-gradient; first order (strict or not: the same numbers) at λ_K.
/// Kept per task: θ_1 … θ_K for FULL, one θ otherwise.
template <class Space, class Scalar>
class MetaGradient {
 public:
  MetaGradient(const Deck& deck, int tasks);

  /// Losses and accuracies of the tasks of one launch, on the device; all (n).
  struct Scores {
    ViewOn<Scalar*, Space> support_loss_before, query_loss_before, query_loss_after;
    ViewOn<Scalar*, Space> query_accuracy_before, query_accuracy_after;
  };

  /// Adapts every task from theta (P): the parameters θ_K and, on the query set, the scores before
  /// and after. The next call overwrites both.
  void adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
             const EpisodeBatch<Space, Scalar>& batch);

  /// As adapt(), and the meta-gradient of every task, (n,P).
  Array<const Scalar, 2> gradient(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                  const EpisodeBatch<Space, Scalar>& batch);

  const Scores& scores() const { return m_scores; }
  /// θ_K of the last call, (n,P); with no inner step a view of that call's theta.
  Array<const Scalar, 2> adapted() const { return m_adapted; }

  /// Bytes that stay allocated for `tasks` tasks: the θ_k; and the model's buffers,
  /// a gradient, λ and the scores.
  static std::size_t sweep_bytes(const Deck& deck, int tasks);
  static std::size_t workspace_bytes(const Deck& deck, int tasks);

 private:
  void inner_loop(const Space& space, const ViewOn<Scalar*, Space>& theta,
                  const EpisodeBatch<Space, Scalar>& batch, bool keep);

  Deck m_deck;
  TinyAttention<Space, Scalar> m_model;
  ViewOn<Scalar***, Space> m_trajectory;  // (k,n,P): θ_1 … θ_K, or θ_K alone
  ViewOn<Scalar**, Space> m_step;         // (n,P): a gradient, then H λ
  ViewOn<Scalar**, Space> m_lambda;       // (n,P)
  Array<const Scalar, 2> m_initial, m_adapted;
  Scores m_scores;
};

}  // namespace theria

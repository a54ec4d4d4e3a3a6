// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "src/meta/certificate.hpp"
#include "src/meta/choice.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Losses and accuracies of the tasks of one launch, on the device; all (n).
template <class Space, class Scalar>
struct LaunchScores {
  ViewOn<Scalar*, Space> support_loss_before, query_loss_before, query_loss_after;
  ViewOn<Scalar*, Space> query_accuracy_before, query_accuracy_after;

  LaunchScores() = default;
  explicit LaunchScores(int tasks);

  static std::size_t bytes(int tasks) { return 5 * sizeof(Scalar) * tasks; }
};

/// Inner loop and reverse sweep of MAML on a batch of tasks, without a graph (Finn et al. 2017;
/// the sweep is reverse mode with forward-over-reverse products):
///
///     θ_{k+1} = θ_k − α ∇L_support(θ_k)                      k = 0 … K − 1
///     λ_K = ∇L_query(θ_K)   λ_k = λ_{k+1} − α ∇²L_support(θ_k) λ_{k+1}
///
/// or another InnerRule in place of gradient descent; with a proximal ρ the gradient is that of
/// L_support(θ) + ρ/2 ‖θ − θ_0‖², whose θ_0 is differentiated, too. Swept back over all K steps λ_0 is the exact meta-gradient,
/// over none λ_K is first order's, over the last few a truncated one. Implicit: (I + ∇²L_support(θ_K)/ρ) λ = λ_K
/// (Rajeswaran, Finn, Kakade and Levine 2019).
template <class Space, class Scalar>
class Engine {
 public:
  virtual ~Engine() = default;

  /// Adapts every task from theta, as learned_layout() has it: all scores, and θ_K (n,P) where `adapted` is given; overwritten.
  virtual void adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
                     const EpisodeBatch<Space, Scalar>& batch,
                     const Array<Scalar, 2>& adapted = {}) = 0;

  /// As adapt(), but for the query scores before adaptation; and the meta-gradient of every task by all of theta, through
  /// the last `swept` inner steps, no more than most_swept_steps() of the deck; it is the
  /// caller's until the next call.
  virtual Array<Scalar, 2> gradient(const Space& space, const ViewOn<Scalar*, Space>& theta,
                                    const EpisodeBatch<Space, Scalar>& batch, int swept,
                                    const Array<Scalar, 2>& adapted = {}) = 0;

  /// Of the last call.
  virtual const LaunchScores<Space, Scalar>& scores() const = 0;

  /// Of the last gradient(), where the mode is implicit; else empty.
  const Certificate& certificate() const { return m_certificate; }

 protected:
  Certificate m_certificate;
};

/// Bytes that stay allocated for `tasks` tasks: what is kept of the inner steps for the sweep; and
/// buffers, gradients and scores.
struct EngineBytes {
  std::size_t sweep, workspace;
};
template <class Scalar>
EngineBytes engine_bytes(const Deck& resolved, int tasks);

/// The engine of choose_engine() for launches of up to `tasks` tasks.
template <class Space, class Scalar>
std::unique_ptr<Engine<Space, Scalar>> make_engine(const Deck& resolved, int tasks);

}  // namespace theria

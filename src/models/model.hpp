// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/deck/deck.hpp"
#include "src/models/layers/sequence.hpp"

namespace theria {

/// The loss of the deck's model on every task of a batch, its gradient and its Hessian-vector products by the
/// parameters, each task with parameters of its own. The loss is the mean cross entropy of classes, or the mean
/// squared error of predictions. No graph is kept: activations are recomputed by every call and live in buffers made
/// once, for the deck's sequences of up to `tasks` tasks.
template <class Space, class Scalar>
class Model {
 public:
  Model(const Deck& resolved, int tasks);

  /// loss(n) and, of classes and where given, accuracy(n); overwritten.
  struct Scores {
    Array<Scalar, 1> loss{};
    Array<Scalar, 1> accuracy{};
  };

  void loss(const Space& space, const Parameters<Scalar>& theta, const Batch<Space, Scalar>& batch,
            const Scores& scores);

  /// d_theta(n,P) = ∂loss_n/∂theta_n, overwritten; the scores as by the way.
  void gradient(const Space& space, const Parameters<Scalar>& theta,
                const Batch<Space, Scalar>& batch, const Array<Scalar, 2>& d_theta,
                const Scores& scores);

  /// d_theta_dot(n,P) = (∂²loss_n/∂theta_n²) theta_dot_n, overwritten.
  void hvp(const Space& space, const Parameters<Scalar>& theta, const Parameters<Scalar>& theta_dot,
           const Batch<Space, Scalar>& batch, const Array<Scalar, 2>& d_theta_dot);

  /// Bytes of the buffers.
  static std::size_t buffer_bytes(const Deck& resolved, int tasks);

 private:
  using In = Passing<Scalar>;
  using Out = Returning<Scalar>;

  /// The input of a batch, and the output's place.
  In passing(const Parameters<Scalar>& theta, const Batch<Space, Scalar>& batch,
             const Kept<Scalar>& kept) const;
  void score(const Space& space, const Batch<Space, Scalar>& batch, const In& value,
             const Scores& scores) const;

  Deck m_deck;
  Sequence<Space, Scalar> m_layers;
  Memory<Space, Scalar> m_memory;
  Kept<Scalar> m_value, m_dot, m_d, m_d_dot;  // of the output, (n,s,outputs)
  Scratch<Space, Scalar> m_scratch;
  Workspace<Space> m_workspace;
};

}  // namespace theria

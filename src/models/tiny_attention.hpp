// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "kernels/core/workspace.hpp"
#include "kernels/sdpa/arguments.hpp"
#include "src/models/batch.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// The loss of TinyAttention on every task of a batch, its gradient and its Hessian-vector products
/// by the parameters, each task with parameters of its own:
///
///     (1) h = x Eᵀ (or x)    (2) q = h₀ W_qᵀ   k = h W_kᵀ   v = h W_vᵀ
///     (3) o = sdpa(q, k, v)  (4) logits = o W_cᵀ + b_c      (5) loss = mean cross entropy
///
/// The query is token 0 alone. No graph is kept: activations are recomputed by every call and live
/// in buffers made once, for `tasks` tasks of at most `sequences` sequences.
template <class Space, class Scalar>
class TinyAttention {
 public:
  struct Size {
    int tasks, sequences, tokens, features, width, classes;
    std::optional<Storage> narrow{};  // (3) on Narrow numbers of this kind; Scalar has to be float
  };

  TinyAttention(const Size& size, const ParameterLayout& layout);

  /// loss(n) and, where given, accuracy(n); overwritten.
  struct Scores {
    Array<Scalar, 1> loss{};
    Array<Scalar, 1> accuracy{};
  };

  /// (1)–(5).
  void loss(const Space& space, const Parameters<Scalar>& theta, const Batch<Space, Scalar>& batch,
            const Scores& scores);

  /// d_theta(n,P) = ∂loss_n/∂theta_n, overwritten; the scores as by the way.
  void gradient(const Space& space, const Parameters<Scalar>& theta,
                const Batch<Space, Scalar>& batch, const Array<Scalar, 2>& d_theta,
                const Scores& scores);

  /// d_theta_dot(n,P) = (∂²loss_n/∂theta_n²) theta_dot_n, overwritten.
  void hvp(const Space& space, const Parameters<Scalar>& theta, const Parameters<Scalar>& theta_dot,
           const Batch<Space, Scalar>& batch, const Array<Scalar, 2>& d_theta_dot);

  /// Bytes of the buffers for one set of these sizes.
  static std::size_t buffer_bytes(const Size& size, bool embedded, bool on_gpu);

 private:
  /// The activations of one pass, or their tangents, cotangents, or the cotangents' tangents.
  struct Activations {
    ViewOn<Scalar***, Space> h, k, v;       // (n, s·t, width)
    ViewOn<Scalar***, Space> q, o, logits;  // (n, s, width), … , (n, s, classes)
    ViewOn<Scalar*, Space> lse;             // (n·s)

    void allocate(const Size& size, bool embedded, const std::string& what);
  };

  /// The parts of a flat parameter vector (const), or of its cotangent.
  template <class Element>
  struct Weights {
    Array<Element, 3> embedding{}, q{}, k{}, v{}, classifier{};
    Array<Element, 2> bias{};
  };
  template <class Element>
  Weights<Element> split(const Array<Element, 2>& theta) const;

  struct Shape;  // one batch seen as the operators want it

  void forward(const Space& space, const Weights<const Scalar>& w, const Shape& shape);

  /// Calls f.operator()<Element>() for the numbers that (3) is computed on.
  template <class Function>
  void attend(const Function& f) const;

  Size m_size;
  ParameterLayout m_layout;
  bool m_embedded;
  Activations m_value, m_dot, m_d, m_d_dot;
  Workspace<Space> m_workspace;
};

}  // namespace theria

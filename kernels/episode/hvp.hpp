// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/gradient.hpp"

namespace theria::episode {

/// Goes back from θ_{k+1} = θ_k − α g(θ_k) to what a Hessian-vector product at θ_k reads of it, by the factors
/// of that step: d_W_k = c qᵀ d_u, d_W_v = W_cᵀ d_A, d_W_q = d_qᵀ h_0. Without an embedding W_q is
/// not read. h_0, d_u and d_A of the step are what Operands give afterwards.
template <class On, class Scalar, class Input>
THERIA_TEAM_FUNCTION void undo_step(const Shape& shape, const Samples<Scalar, Input>& set,
                                    const Kept<Scalar>& kept, const Work<Scalar>& work, Scalar rate,
                                    const Weights<Scalar>& w) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int d = shape.width, classes = shape.classes, count = set.count;
  const Operands<Scalar, Input> at{shape, set, kept, work};
  if (shape.embedded) {
    On::copy(w.embedding, kept.embedding, d, shape.features);
    On::arrive();
    embed<On>(shape, set, w, work);
    leave_inputs<On>(shape, w, kept, work, count);
    On::arrive();
    On::product(w.q_turned, accumulate, rate, turned(at.h_0()), plain(at.d_q()), d, d, count);
  }
  On::product(w.k, accumulate, rate * scale, turned(kept.q), plain(at.d_u()), d, d, count);
  On::product(w.v, accumulate, rate, turned(kept.classifier), plain(at.d_a()), d, d, classes);
  On::arrive();
}

/// dot += factor · (∂²loss/∂w²) dot after undo_step() to the same point: the derivative of evaluate() and
/// add_gradient(), line by line, along dot.
///
///     (1) ḣ_0 = x_0 Ėᵀ   (2) q̇ = h_0 Ẇ_qᵀ + ḣ_0 W_qᵀ   (3) u̇ = c (q̇ W_k + q Ẇ_k)   ũ̇ = u̇ E + u Ė
///     (4) Ȧ = Ẇ_c W_v + W_c Ẇ_v   Ã̇ = Ȧ E + A Ė   (5) (6) (7) of attend_dot()
///     (8) d_Ã_dot = Σ_b d_logits_dot z̃ᵀ + d_logits z̃̇ᵀ   d_A_dot = d_Ã_dot Eᵀ + d_Ã Ėᵀ
///     (4) d_W_v_dot = Ẇ_cᵀ d_A + W_cᵀ d_A_dot   d_W_c_dot = d_A_dot W_vᵀ + d_A Ẇ_vᵀ
///     (3) d_u_dot = d_ũ_dot Eᵀ + d_ũ Ėᵀ   d_q_dot = c (d_u_dot W_kᵀ + d_u Ẇ_kᵀ)
///         d_W_k_dot = c (q̇ᵀ d_u + qᵀ d_u_dot)   (2) d_W_q_dot = d_q_dotᵀ h_0 + d_qᵀ ḣ_0
///     (1) d_E_dot = u̇ᵀ d_ũ + uᵀ d_ũ_dot + Ȧᵀ d_Ã + Aᵀ d_Ã_dot + d_h_0_dotᵀ x_0
///         d_h_0_dot = d_q_dot W_q + d_q Ẇ_q
template <class On, class Scalar, class Input>
THERIA_TEAM_FUNCTION void add_hvp(const Shape& shape, const Weights<Scalar>& w,
                                  const Samples<Scalar, Input>& set, const Kept<Scalar>& kept,
                                  const Work<Scalar>& work, Scalar factor,
                                  const Weights<Scalar>& dot) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int d = shape.width, f = shape.features, classes = shape.classes, count = set.count;
  const bool embedded = shape.embedded;
  const Operands<Scalar, Input> at{shape, set, kept, work};
  const auto e_turned = On::turned(work.embedding_turned, w.embedding);
  const auto e_dot_turned = On::turned(work.embedding_dot_turned, dot.embedding);

  if (embedded) {
    On::turn(work.embedding_dot_turned, dot.embedding, d, f);
    On::product(work.h_0_dot, overwrite, 1, plain(set.first), e_dot_turned, count, d, f);  // (1)
    On::arrive();
    On::products(work.q_dot, overwrite, 1, plain(at.h_0()), plain(dot.q_turned),
                 plain(work.h_0_dot), plain(w.q_turned), count, d, d);  // (2)
  } else {
    On::product(work.q_dot, overwrite, 1, plain(at.h_0()), plain(dot.q_turned), count, d,
                d);  // (2)
  }
  On::products(work.a_dot, overwrite, 1, plain(dot.classifier), plain(w.v), plain(kept.classifier),
               plain(dot.v), classes, d, d);  // (4)
  On::arrive();
  On::products(work.u_dot, overwrite, scale, plain(work.q_dot), plain(w.k), plain(kept.q),
               plain(dot.k), count, d, d);  // (3)
  On::arrive();
  if (embedded) {
    On::products(work.u_in_dot, overwrite, 1, plain(work.u_dot), plain(w.embedding), plain(at.u()),
                 plain(dot.embedding), count, f, d);
    On::products(work.a_in_dot, overwrite, 1, plain(work.a_dot), plain(w.embedding), plain(at.a()),
                 plain(dot.embedding), classes, f, d);
    On::arrive();
  }
  attend_dot<On>(shape, set, dot.bias.data, kept, work);  // (5) (6) (7)
  On::arrive();

  // (8)
  const Matrix<Scalar>& d_a_dot = embedded ? work.d_a_dot : work.d_a_in_dot;
  const Matrix<Scalar>& d_u_dot = embedded ? work.d_u_dot : work.d_u_in_dot;
  On::products(work.d_a_in_dot, overwrite, 1, turned(work.d_logits_dot), plain(kept.z_in),
               turned(kept.d_logits), plain(work.z_in_dot), classes, f, count);
  On::arrive();
  if (embedded) {
    On::products(d_a_dot, overwrite, 1, plain(work.d_a_in_dot), e_turned, plain(kept.d_a_in),
                 e_dot_turned, classes, d, f);
    On::products(d_u_dot, overwrite, 1, plain(work.d_u_in_dot), e_turned, plain(kept.d_u_in),
                 e_dot_turned, count, d, f);
    On::arrive();
  }
  On::turn(work.turned, w.v, d, d);
  On::turn(work.dot_turned, dot.v, d, d);
  On::products(work.d_classifier, overwrite, 1, plain(d_a_dot), On::turned(work.turned, w.v),
               plain(at.d_a()), On::turned(work.dot_turned, dot.v), classes, d, d);
  On::turn(work.turned, w.k, d, d);
  On::turn(work.dot_turned, dot.k, d, d);
  On::products(work.d_q_dot, overwrite, scale, plain(d_u_dot), On::turned(work.turned, w.k),
               plain(at.d_u()), On::turned(work.dot_turned, dot.k), count, d, d);
  On::arrive();
  if (embedded) {
    On::turn(work.turned, w.q_turned, d, d);
    On::turn(work.dot_turned, dot.q_turned, d, d);
    On::products(work.d_h_0, overwrite, 1, plain(work.d_q_dot), On::turned(work.turned, w.q_turned),
                 plain(at.d_q()), On::turned(work.dot_turned, dot.q_turned), count, d, d);
    On::arrive();
    On::products(dot.embedding, accumulate, factor, turned(work.u_dot), plain(kept.d_u_in),
                 turned(at.u()), plain(work.d_u_in_dot), d, f, count);
    On::products(dot.embedding, accumulate, factor, turned(work.a_dot), plain(kept.d_a_in),
                 turned(at.a()), plain(work.d_a_in_dot), d, f, classes);
    On::product(dot.embedding, accumulate, factor, turned(work.d_h_0), plain(set.first), d, f,
                count);
  }
  // From here on dot is overwritten: what follows reads each part of it before changing it.
  if (embedded) {
    On::products(dot.q_turned, accumulate, factor, turned(at.h_0()), plain(work.d_q_dot),
                 turned(work.h_0_dot), plain(at.d_q()), d, d, count);
  } else {
    On::product(dot.q_turned, accumulate, factor, turned(at.h_0()), plain(work.d_q_dot), d, d,
                count);
  }
  On::products(dot.k, accumulate, factor * scale, turned(work.q_dot), plain(at.d_u()),
               turned(kept.q), plain(d_u_dot), d, d, count);
  On::products(dot.v, accumulate, factor, turned(dot.classifier), plain(at.d_a()),
               turned(kept.classifier), plain(d_a_dot), d, d, classes);
  On::arrive();
  add_scaled<On, Scalar>(dot.classifier, factor, work.d_classifier, classes, d);
  On::add_rows(dot.bias.data, factor, work.d_logits_dot, count, classes);
  On::arrive();
}

}  // namespace theria::episode

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/samples.hpp"

namespace theria::episode {

/// Where the operands of a step are: with an embedding in the space of the width, without one in that of the inputs,
/// which is the same. The sweep reads h_0, d_u and d_a of the step that undo_step() went back to.
template <class Scalar, class Input>
struct Operands {
  const Shape& s;
  const Samples<Scalar, Input>& set;
  const Kept<Scalar>& kept;
  const Work<Scalar>& work;

  KOKKOS_INLINE_FUNCTION Matrix<const Scalar> h_0() const {  // (B,D)
    return work.h_0.data != nullptr ? Matrix<const Scalar>(work.h_0) : set.first;
  }
  // (B,D)
  KOKKOS_INLINE_FUNCTION Matrix<Scalar> u() const { return s.embedded ? kept.u : work.u; }
  KOKKOS_INLINE_FUNCTION Matrix<Scalar> d_u() const { return s.embedded ? work.d_u : kept.d_u_in; }
  KOKKOS_INLINE_FUNCTION Matrix<Scalar> d_q() const { return s.embedded ? kept.d_q : work.d_q; }
  // (C,D)
  KOKKOS_INLINE_FUNCTION Matrix<Scalar> a() const { return s.embedded ? kept.a : kept.a_in; }
  KOKKOS_INLINE_FUNCTION Matrix<Scalar> d_a() const { return s.embedded ? work.d_a : kept.d_a_in; }
};

/// out += factor · in
template <class On, class Scalar>
THERIA_TEAM_FUNCTION void add_scaled(Matrix<Scalar> out, Scalar factor, Matrix<const Scalar> in,
                                     int rows, int cols) {
  On::for_each_place(rows, cols, [&](int i, int j) { out.row(i)[j] += factor * in.row(i)[j]; });
}

/// x_0 in the computation's type, in `copy`, and h_0 = x_0, where it has a place of its own and there is no embedding:
/// before the first evaluation of a set.
template <class On, class Scalar, class Input>
KOKKOS_INLINE_FUNCTION void take_first(const Shape& s, const Samples<Scalar, Input>& set,
                                       const Work<Scalar>& work, Matrix<Scalar> copy) {
  if constexpr (!std::is_same_v<Scalar, Input>) {
    const std::int64_t from_one_to_the_next = std::int64_t(set.tokens) * set.ld;
    On::for_each_place(set.count, set.ld, [&](int b, int f) {
      copy.row(b)[f] = static_cast<Scalar>(set.x[b * from_one_to_the_next + f]);
    });
    On::arrive();
  } else if (!s.embedded && work.h_0.data != nullptr) {
    On::copy(work.h_0, set.first, set.count, s.width);
    On::arrive();
  }
}

/// h_0 = x_0 Eᵀ, which leaves E turned.
template <class On, class Scalar, class Input>
KOKKOS_INLINE_FUNCTION void embed(const Shape& s, const Samples<Scalar, Input>& set,
                                  const Weights<Scalar>& w, const Work<Scalar>& work) {
  On::turn(work.embedding_turned, w.embedding, s.width, s.features);
  On::product(work.h_0, Write::overwrite, 1, plain(set.first),
              On::turned(work.embedding_turned, w.embedding), set.count, s.width, s.features);
  On::arrive();
}

/// d_u = d_ũ Eᵀ and d_A = d_Ã Eᵀ, by E turned.
template <class On, class Scalar>
KOKKOS_INLINE_FUNCTION void leave_inputs(const Shape& s, const Weights<Scalar>& w,
                                         const Kept<Scalar>& kept, const Work<Scalar>& work,
                                         int count) {
  using enum Write;
  const auto e = On::turned(work.embedding_turned, w.embedding);
  On::product(work.d_a, overwrite, 1, plain(kept.d_a_in), e, s.classes, s.width, s.features);
  On::product(work.d_u, overwrite, 1, plain(kept.d_u_in), e, count, s.width, s.features);
}

/// The loss of TinyAttention on one set of one task, with neither a key, a value nor a head formed: only
/// token 0 asks, so that the keys are absorbed into its query and, classes being few, the values into the
/// classifier. With c = 1/√D:
///
///     (1) h_0 = x_0 Eᵀ, or x_0    (2) q = h_0 W_qᵀ
///     (3) u = c q W_k   ũ = u E   (4) A = W_c W_v   Ã = A E   (5) (6) (7) of attend()
///
/// and what of its gradient concerns single samples; (8) d_Ã = Σ_b d_logits z̃ᵀ.
template <class On, class Scalar, class Input>
THERIA_TEAM_FUNCTION void evaluate(const Shape& shape, const Weights<Scalar>& w,
                                   const Samples<Scalar, Input>& set, const Kept<Scalar>& kept,
                                   const Work<Scalar>& work) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int d = shape.width, f = shape.features, classes = shape.classes, count = set.count;
  const Operands<Scalar, Input> at{shape, set, kept, work};
  if (shape.embedded) {
    On::copy(kept.embedding, w.embedding, d, f);
    embed<On>(shape, set, w, work);  // (1)
  }
  On::product(kept.q, overwrite, 1, plain(at.h_0()), plain(w.q_turned), count, d, d);  // (2)
  On::product(at.a(), overwrite, 1, plain(w.classifier), plain(w.v), classes, d, d);   // (4)
  On::copy(kept.classifier, w.classifier, classes, d);
  On::arrive();
  On::product(at.u(), overwrite, scale, plain(kept.q), plain(w.k), count, d, d);  // (3)
  On::arrive();
  if (shape.embedded) {
    On::product(work.u_in, overwrite, 1, plain(at.u()), plain(w.embedding), count, f, d);
    On::product(kept.a_in, overwrite, 1, plain(at.a()), plain(w.embedding), classes, f, d);
    On::arrive();
  }
  attend<On>(shape, set, w.bias.data, kept, work);
  On::arrive();
  On::product(kept.d_a_in, overwrite, 1, turned(kept.d_logits), plain(kept.z_in), classes, f,
              count);  // (8)
  On::arrive();
}

/// out += factor · ∂loss/∂w after evaluate() at the same point; out may be w itself.
///
///     (8) d_A = d_Ã Eᵀ   (7) d_b = Σ_b d_logits   (4) d_W_v = W_cᵀ d_A   d_W_c = d_A W_vᵀ
///     (3) d_u = d_ũ Eᵀ   d_q = c d_u W_kᵀ   d_W_k = c qᵀ d_u   (2) d_W_q = d_qᵀ h_0
///     (1) d_E = uᵀ d_ũ + Aᵀ d_Ã + d_h_0ᵀ x_0   d_h_0 = d_q W_q
template <class On, class Scalar, class Input>
THERIA_TEAM_FUNCTION void add_gradient(const Shape& shape, const Weights<Scalar>& w,
                                       const Samples<Scalar, Input>& set, const Kept<Scalar>& kept,
                                       const Work<Scalar>& work, Scalar factor,
                                       const Weights<Scalar>& out) {
  using enum Write;
  const Scalar scale = 1 / Kokkos::sqrt(Scalar(shape.width));
  const int d = shape.width, f = shape.features, classes = shape.classes, count = set.count;
  const Operands<Scalar, Input> at{shape, set, kept, work};
  if (shape.embedded) {
    leave_inputs<On>(shape, w, kept, work, count);
    On::arrive();
  }
  On::turn(work.turned, w.v, d, d);
  On::product(work.d_classifier, overwrite, 1, plain(at.d_a()), On::turned(work.turned, w.v),
              classes, d, d);
  On::turn(work.turned, w.k, d, d);
  On::product(at.d_q(), overwrite, scale, plain(at.d_u()), On::turned(work.turned, w.k), count, d,
              d);
  On::arrive();
  if (shape.embedded) {
    On::turn(work.turned, w.q_turned, d, d);
    On::product(work.d_h_0, overwrite, 1, plain(at.d_q()), On::turned(work.turned, w.q_turned),
                count, d, d);
    On::arrive();
    On::product(out.embedding, accumulate, factor, turned(at.u()), plain(kept.d_u_in), d, f, count);
    On::product(out.embedding, accumulate, factor, turned(at.a()), plain(kept.d_a_in), d, f,
                classes);
    On::product(out.embedding, accumulate, factor, turned(work.d_h_0), plain(set.first), d, f,
                count);
  }
  On::product(out.q_turned, accumulate, factor, turned(at.h_0()), plain(at.d_q()), d, d, count);
  On::product(out.k, accumulate, factor * scale, turned(kept.q), plain(at.d_u()), d, d, count);
  On::product(out.v, accumulate, factor, turned(kept.classifier), plain(at.d_a()), d, d, classes);
  add_scaled<On, Scalar>(out.classifier, factor, work.d_classifier, classes, d);
  On::add_rows(out.bias.data, factor, kept.d_logits, count, classes);
  On::arrive();
}

}  // namespace theria::episode

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/layout.hpp"

namespace theria::episode {

/// The sequences and labels of one set of one task.
template <class Scalar, class Input>
struct Samples {
  const Input* x;
  int count, tokens, features, ld;  // ld from one token to the next
  const std::int32_t* label;
  Matrix<const Scalar>
      first;  // x_0 of every sample (B,F): where it is, or of BFloat16 a copy that take_first() makes

  /// X_b (T,F)
  KOKKOS_INLINE_FUNCTION Matrix<const Input> sequence(int b) const {
    return {x + std::int64_t(b) * tokens * ld, ld};
  }
};

/// value[i] = e^value[i] / Σ e^value, and the logarithm of the sum.
template <class One, class Scalar>
KOKKOS_INLINE_FUNCTION Scalar softmax(Scalar* value, int count) {
  const Scalar top = One::max(count, [&](int i) { return value[i]; });
  One::for_each(count, [&](int i) { value[i] = One::exponential(value[i] - top); });
  const Scalar sum = One::sum(count, [&](int i) { return value[i]; });
  const Scalar inverse = 1 / sum;
  One::for_each(count, [&](int i) { value[i] *= inverse; });
  return top + Kokkos::log(sum);
}

/// All of a gradient that concerns one sample, for every sample: x_t is read here alone. A sample is one On::One's,
/// and its stages need no barrier.
///
///     (5) s_t = x_t·ũ   p = softmax(s)   (6) z̃ = Σ_t p_t x_t
///     (7) logits = Ã z̃ + b   π = softmax(logits)   loss = log Σ e^logits − logits_y
///     d_logits = (π − [y]) / B
///     d_z̃ = Ãᵀ d_logits   d_p_t = x_t·d_z̃   e = d_p − Σ p d_p   d_s = p e   d_ũ = Σ_t d_s_t x_t
template <class On, class Scalar, class Input>
THERIA_TEAM_FUNCTION void attend(const Shape& shape, const Samples<Scalar, Input>& set,
                                 const Scalar* bias, const Kept<Scalar>& kept,
                                 const Work<Scalar>& work) {
  using One = typename On::One;
  using enum Write;
  const int tokens = shape.tokens, features = shape.features, classes = shape.classes;
  const Scalar share = Scalar(1) / Scalar(set.count);
  On::for_each_sample(set, [&](const auto& each) {
    each([&](int b, const auto& x) {  // (5)
      x.dots(kept.p.row(b), work.u_in.row(b));
      softmax<One>(One::at(kept.p.row(b)), tokens);
    });
    each([&](int b, const auto& x) {  // (6) (7)
      x.mix(kept.z_in.row(b), kept.p.row(b));
      Scalar* const pi = One::at(kept.pi.row(b));
      const int label = set.label[b];
      One::dots(pi, kept.a_in, classes, kept.z_in.row(b), features);
      One::for_each(classes, [&](int c) { pi[c] += bias[c]; });
      int largest = 0;
      for (int c = 1; c < classes; ++c)
        if (pi[c] > pi[largest]) largest = c;
      const Scalar logit = pi[label];
      const Scalar log_sum = softmax<One>(pi, classes);
      One::once([&] {
        work.loss[b] = log_sum - logit;
        work.right[b] = Scalar(largest == label ? 1 : 0);
      });
      Scalar* const d_logits = One::at(kept.d_logits.row(b));
      One::for_each(classes, [&](int c) { d_logits[c] = (pi[c] - Scalar(c == label)) * share; });
    });
    each([&](int b, const auto& x) {
      One::mix(work.d_z_in.row(b), overwrite, kept.d_logits.row(b), kept.a_in, classes, features);
      const Scalar* const p = One::at(kept.p.row(b));
      Scalar *const e = One::at(kept.e.row(b)), *const d_s = One::at(work.weight.row(b));
      x.dots(e, work.d_z_in.row(b));  // d_p
      const Scalar mean = One::sum(tokens, [&](int t) { return p[t] * e[t]; });
      One::for_each(tokens, [&](int t) {
        e[t] -= mean;
        d_s[t] = p[t] * e[t];
      });
    });
    each([&](int b, const auto& x) { x.mix(kept.d_u_in.row(b), work.weight.row(b)); });
  });
}

/// The tangents of attend(), given those of ũ, Ã and b:
///
///     (5) ṡ_t = x_t·ũ̇   ṗ = p (ṡ − Σ p ṡ)   (6) z̃̇ = Σ_t ṗ_t x_t
///     (7) o = Ã̇ z̃ + Ã z̃̇ + ḃ   d_logits_dot = π (o − π·o) / B
///     d_z̃_dot = Ã̇ᵀ d_logits + Ãᵀ d_logits_dot   d_p_dot_t = x_t·d_z̃_dot
///     d_s_dot = ṗ e + p (d_p_dot − Σ (ṗ e + p d_p_dot))   d_ũ_dot = Σ_t d_s_dot_t x_t
template <class On, class Scalar, class Input>
THERIA_TEAM_FUNCTION void attend_dot(const Shape& shape, const Samples<Scalar, Input>& set,
                                     const Scalar* bias_dot, const Kept<Scalar>& kept,
                                     const Work<Scalar>& work) {
  using One = typename On::One;
  using enum Write;
  const int tokens = shape.tokens, features = shape.features, classes = shape.classes;
  const Scalar share = Scalar(1) / Scalar(set.count);
  On::for_each_sample(set, [&](const auto& each) {
    each([&](int b, const auto& x) {  // (5)
      const Scalar* const p = One::at(kept.p.row(b));
      Scalar* const p_dot = One::at(work.weight.row(b));
      x.dots(p_dot, work.u_in_dot.row(b));  // ṡ
      const Scalar mean = One::sum(tokens, [&](int t) { return p[t] * p_dot[t]; });
      One::for_each(tokens, [&](int t) { p_dot[t] = p[t] * (p_dot[t] - mean); });
    });
    each([&](int b, const auto& x) {  // (6) (7)
      x.mix(work.z_in_dot.row(b), work.weight.row(b));
      const Scalar* const pi = One::at(kept.pi.row(b));
      Scalar *const o = work.d_logits_dot.row(b), *const second = work.class_row.row(b);
      One::dots(o, work.a_in_dot, classes, kept.z_in.row(b), features);
      One::dots(second, kept.a_in, classes, work.z_in_dot.row(b), features);
      One::for_each(classes, [&](int c) { o[c] += second[c] + bias_dot[c]; });
      const Scalar mean = One::sum(classes, [&](int c) { return pi[c] * o[c]; });
      One::for_each(classes, [&](int c) { o[c] = pi[c] * (o[c] - mean) * share; });
    });
    each([&](int b, const auto& x) {
      Scalar* const d_z = work.d_z_in.row(b);
      One::mix(d_z, overwrite, kept.d_logits.row(b), work.a_in_dot, classes, features);
      One::mix(d_z, accumulate, work.d_logits_dot.row(b), kept.a_in, classes, features);
      const Scalar *const p = One::at(kept.p.row(b)), *const e = One::at(kept.e.row(b));
      Scalar *const d_s = One::at(work.weight.row(b)), *const d_p = One::at(work.token_row.row(b));
      x.dots(d_p, d_z);
      const Scalar mean =
          One::sum(tokens, [&](int t) { return d_s[t] * e[t] + p[t] * d_p[t]; });  // d_s holds ṗ
      One::for_each(tokens, [&](int t) { d_s[t] = d_s[t] * e[t] + p[t] * (d_p[t] - mean); });
    });
    each([&](int b, const auto& x) { x.mix(work.d_u_in_dot.row(b), work.weight.row(b)); });
  });
}

}  // namespace theria::episode

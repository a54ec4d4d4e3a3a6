// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/layout.hpp"

namespace theria::episode {

/// The sequences and labels of one set of one task.
template <class Scalar>
struct Samples {
  const Scalar* x;
  int count, tokens, ld;  // ld from one token to the next
  const std::int32_t* label;

  /// X_b (T,F)
  Matrix<const Scalar> sequence(int b) const { return {x + std::int64_t(b) * tokens * ld, ld}; }
  /// x_0 of every sample (B,F)
  Matrix<const Scalar> first() const { return {x, tokens * ld}; }
};

/// value[i] = e^value[i] / Σ e^value, and the logarithm of the sum.
template <class On, class Scalar>
Scalar softmax(Scalar* value, int count) {
  const Scalar top = On::max(count, [&](int i) { return value[i]; });
  On::for_each(count, [&](int i) { value[i] = On::exponential(value[i] - top); });
  const Scalar sum = On::sum(count, [&](int i) { return value[i]; });
  const Scalar inverse = 1 / sum;
  On::for_each(count, [&](int i) { value[i] *= inverse; });
  return top + Kokkos::log(sum);
}

/// All of a gradient that concerns one sample, for every sample: x_t is read here alone.
///
///     (5) s_t = x_t·ũ   p = softmax(s)   (6) z̃ = Σ_t p_t x_t
///     (7) logits = Ã z̃ + b   π = softmax(logits)   loss = log Σ e^logits − logits_y
///     d_logits = (π − [y]) / B
///     d_z̃ = Ãᵀ d_logits   d_p_t = x_t·d_z̃   e = d_p − Σ p d_p   d_s = p e   d_ũ = Σ_t d_s_t x_t
template <class On, class Scalar>
void attend(const Shape& shape, const Samples<Scalar>& set, const Scalar* bias,
            const Kept<Scalar>& kept, const Work<Scalar>& work) {
  const int tokens = shape.tokens, features = work.d_z_in.ld, classes = shape.classes;
  const Scalar share = Scalar(1) / Scalar(set.count);
  On::for_each_group(set.count, [&](const auto& each) {
    each([&](int b) {  // (5)
      On::dots(kept.p.row(b), set.sequence(b), tokens, work.u_in.row(b), features);
      softmax<On>(kept.p.row(b), tokens);
    });
    each([&](int b) {  // (6) (7)
      On::mix(kept.z_in.row(b), kept.p.row(b), set.sequence(b), tokens, features);
      Scalar* const pi = kept.pi.row(b);
      const int label = set.label[b];
      On::dots(pi, kept.a_in, classes, kept.z_in.row(b), features);
      On::for_each(classes, [&](int c) { pi[c] += bias[c]; });
      int largest = 0;
      for (int c = 1; c < classes; ++c)
        if (pi[c] > pi[largest]) largest = c;
      const Scalar logit = pi[label];
      work.loss[b] = softmax<On>(pi, classes) - logit;
      work.right[b] = Scalar(largest == label ? 1 : 0);
      Scalar* const d_logits = kept.d_logits.row(b);
      On::for_each(classes, [&](int c) { d_logits[c] = (pi[c] - Scalar(c == label)) * share; });
    });
    each([&](int b) {
      On::mix(work.d_z_in.row(b), kept.d_logits.row(b), kept.a_in, classes, features);
      const Scalar* const p = kept.p.row(b);
      Scalar *const e = kept.e.row(b), *const d_s = work.weight.row(b);
      On::dots(e, set.sequence(b), tokens, work.d_z_in.row(b), features);  // d_p
      const Scalar mean = On::sum(tokens, [&](int t) { return p[t] * e[t]; });
      On::for_each(tokens, [&](int t) {
        e[t] -= mean;
        d_s[t] = p[t] * e[t];
      });
    });
    each([&](int b) {
      On::mix(kept.d_u_in.row(b), work.weight.row(b), set.sequence(b), tokens, features);
    });
  });
}

/// The tangents of attend(), given those of ũ, Ã and b:
///
///     (5) ṡ_t = x_t·ũ̇   ṗ = p (ṡ − Σ p ṡ)   (6) z̃̇ = Σ_t ṗ_t x_t
///     (7) o = Ã̇ z̃ + Ã z̃̇ + ḃ   d_logits_dot = π (o − π·o) / B
///     d_z̃_dot = Ã̇ᵀ d_logits + Ãᵀ d_logits_dot   d_p_dot_t = x_t·d_z̃_dot
///     d_s_dot = ṗ e + p (d_p_dot − Σ (ṗ e + p d_p_dot))   d_ũ_dot = Σ_t d_s_dot_t x_t
template <class On, class Scalar>
void attend_dot(const Shape& shape, const Samples<Scalar>& set, const Scalar* bias_dot,
                const Kept<Scalar>& kept, const Work<Scalar>& work) {
  const int tokens = shape.tokens, features = work.d_z_in.ld, classes = shape.classes;
  const Scalar share = Scalar(1) / Scalar(set.count);
  On::for_each_group(set.count, [&](const auto& each) {
    each([&](int b) {  // (5)
      const Scalar* const p = kept.p.row(b);
      Scalar* const p_dot = work.weight.row(b);
      On::dots(p_dot, set.sequence(b), tokens, work.u_in_dot.row(b), features);  // ṡ
      const Scalar mean = On::sum(tokens, [&](int t) { return p[t] * p_dot[t]; });
      On::for_each(tokens, [&](int t) { p_dot[t] = p[t] * (p_dot[t] - mean); });
    });
    each([&](int b) {  // (6) (7)
      On::mix(work.z_in_dot.row(b), work.weight.row(b), set.sequence(b), tokens, features);
      const Scalar* const pi = kept.pi.row(b);
      Scalar *const o = work.d_logits_dot.row(b), *const second = work.class_row.row(b);
      On::dots(o, work.a_in_dot, classes, kept.z_in.row(b), features);
      On::dots(second, kept.a_in, classes, work.z_in_dot.row(b), features);
      On::for_each(classes, [&](int c) { o[c] += second[c] + bias_dot[c]; });
      const Scalar mean = On::sum(classes, [&](int c) { return pi[c] * o[c]; });
      On::for_each(classes, [&](int c) { o[c] = pi[c] * (o[c] - mean) * share; });
    });
    each([&](int b) {
      Scalar *const d_z = work.d_z_in.row(b), *const first = work.d_u_in_dot.row(b);
      On::mix(first, kept.d_logits.row(b), work.a_in_dot, classes, features);
      On::mix(d_z, work.d_logits_dot.row(b), kept.a_in, classes, features);
      On::for_each(features, [&](int f) { d_z[f] += first[f]; });
    });
    each([&](int b) {
      const Scalar *const p = kept.p.row(b), *const e = kept.e.row(b);
      Scalar *const d_s = work.weight.row(b), *const d_p = work.token_row.row(b);
      On::dots(d_p, set.sequence(b), tokens, work.d_z_in.row(b), features);
      const Scalar mean =
          On::sum(tokens, [&](int t) { return d_s[t] * e[t] + p[t] * d_p[t]; });  // d_s holds ṗ
      On::for_each(tokens, [&](int t) { d_s[t] = d_s[t] * e[t] + p[t] * (d_p[t] - mean); });
    });
    each([&](int b) {
      On::mix(work.d_u_in_dot.row(b), work.weight.row(b), set.sequence(b), tokens, features);
    });
  });
}

}  // namespace theria::episode

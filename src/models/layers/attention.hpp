// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "kernels/sdpa/arguments.hpp"
#include "src/models/layer.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// Attention among the tokens of a sequence, by heads of width/heads numbers each:
///
///     q = x W_qᵀ   k = x W_kᵀ   v = x W_vᵀ   o = attention(q, k, v), head by head
///
/// x (n, s·t, width). Of all tokens, o (n, s·t, width), or of the first alone, (n, s, width). Softmax attention with
/// scale 1/√(width/heads), or linear attention.
template <class Space, class Scalar>
class AttentionLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  struct Form {
    std::int64_t tokens, width, heads = 1;
    bool causal = false, first_token = false, linear = false;
    std::optional<Storage>
        narrow{};  // softmax on Narrow numbers or Brains of this kind; Scalar has to be float
  };

  /// Adds {prefix}q_proj, {prefix}k_proj and {prefix}v_proj (width,width) to the layout.
  AttentionLayer(ParameterLayout& layout, const Form& form, const std::string& prefix = {});

  Extents out(const Extents& in) const override;
  void allocate(Memory<Space, Scalar>& memory, int tasks, const Extents& in) override;
  std::size_t kept(const Extents& in) const override;
  std::size_t scratch(const Extents& in) const override;
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

  /// Bytes of an operator's workspace, for `tasks` tasks.
  static std::size_t workspace_bytes(const Form& form, int tasks, const Extents& in, bool on_gpu);

 private:
  /// q (n, s·t or s, width), k and v (n, s·t, width); or their tangents, cotangents, the cotangents' tangents.
  struct Projected {
    Array<Scalar, 3> q{}, k{}, v{};
  };
  /// The three projections' weights, or their tangents, cotangents, …
  template <class T>
  struct Weights {
    Array<T, 3> q{}, k{}, v{};
  };
  template <class T>
  Weights<T> weights(const Array<T, 2>& theta) const;

  /// x of the tokens that ask: all of them, or of each sequence the first.
  template <class T>
  Array<T, 3> asking(Array<T, 3> x) const;
  Projected projected(const Kept<Scalar>& memory, const Array<const Scalar, 3>& x) const;
  Projected take(const At& at, const Array<const Scalar, 3>& x) const;
  std::size_t numbers(const Extents& in) const;
  /// The statistic of softmax, (n·s, heads, i).
  Array<Scalar, 3> lse(const Array<const Scalar, 3>& x) const;

  void project(const At& at, const In& value, const Projected& a) const;
  /// Calls f.operator()<Element>() for the numbers that softmax attention is computed on.
  template <class Function>
  void on_elements(const Function& f) const;
  sdpa::Options options() const {
    return {.scale = sdpa::default_scale(m_form.width / m_form.heads), .causal = m_form.causal};
  }
  /// Rows (n, s·t, width) as (n·s, heads, t, width/heads); of const Elements where `rows` are only read.
  template <class Element, class T>
  Array<Element, 4> heads(const Array<T, 3>& rows, std::int64_t sequences) const;
  template <class Element, template <class> class Group>
  Group<Element> group(const Projected& a, std::int64_t sequences) const;

  Form m_form;
  std::size_t m_q, m_k, m_v;  // offsets
  Kept<Scalar> m_value, m_dot, m_lse;
};

}  // namespace theria

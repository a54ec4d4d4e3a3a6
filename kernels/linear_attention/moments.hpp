// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "kernels/linear/product.hpp"
#include "kernels/linear_attention/arguments.hpp"

namespace theria::linear_attention {

using tile::Form;

/// One head of all batch elements, (b,i,d).
template <class T>
Array<T, 3> head(const Array<T, 4>& x, std::int64_t h) {
  Array<T, 3> one;
  one.data = x.data + h * x.stride[1];
  one.extent = {x.extent[0], x.extent[2], x.extent[3]};
  one.stride = {x.stride[0], x.stride[2], x.stride[3]};
  return one;
}

/// op(x) op(y) of every batch element and head.
template <class Scalar>
struct Term {
  Array<const Scalar, 4> x{}, y{};
};

/// to = the sum of the terms that there are.
template <Form form, class Space, class Scalar>
void product(const std::string& label, const Space& space, const Array<Scalar, 4>& to,
             const Term<Scalar>& first, const Term<Scalar>& second = {}) {
  for (std::int64_t h = 0; h < to.extent[1]; ++h)
    linear::product<form>(
        label, space,
        linear::ProductOperands<Scalar>{
            .term = {{head(first.x, h), head(first.y, h)}, {head(second.x, h), head(second.y, h)}},
            .c = head(to, h)});
}

/// The (d,dv) matrices of one operator: M = c Kᵀ V, dM = c Qᵀ dO and their tangents.
template <class Space, class Scalar>
class Moments {
 public:
  Moments(const Space& space, const Inputs<Scalar>& in, Workspace<Space>& workspace, int count)
      : m_space(space),
        m_workspace(workspace),
        m_b(in.q.extent[0]),
        m_h(in.q.extent[1]),
        m_d(in.q.extent[3]),
        m_dv(in.v.extent[3]),
        m_scale(Scalar(
            1 / (static_cast<double>(in.k.extent[2]) * std::sqrt(static_cast<double>(m_d))))) {
    workspace.rewind();
    workspace.reserve(count * Workspace<Space>::template bytes_for<Scalar>(m_b * m_h * m_d * m_dv));
  }

  /// c xᵀ y
  Array<Scalar, 4> of(const Array<const Scalar, 4>& x, const Array<const Scalar, 4>& y) {
    const auto m = take();
    product<Form::tn, Space, Scalar>("theria::linear_attention::moment", m_space, m, {x, y});
    scale(m);
    return m;
  }
  /// c (ẋᵀ y + xᵀ ẏ)
  Array<Scalar, 4> tangent(const Array<const Scalar, 4>& x, const Array<const Scalar, 4>& x_dot,
                           const Array<const Scalar, 4>& y, const Array<const Scalar, 4>& y_dot) {
    const auto m = take();
    product<Form::tn, Space, Scalar>("theria::linear_attention::moment", m_space, m, {x_dot, y},
                                     {x, y_dot});
    scale(m);
    return m;
  }

  void scale(const Array<Scalar, 4>& m) const {
    const Scalar factor = m_scale;
    Scalar* const data = m.data;
    Kokkos::parallel_for(
        "theria::linear_attention::scale",
        Kokkos::RangePolicy<Space>(m_space, 0, m_b * m_h * m_d * m_dv),
        KOKKOS_LAMBDA(std::int64_t e) { data[e] *= factor; });
  }

 private:
  Array<Scalar, 4> take() {
    return dense_array(m_workspace.template take<Scalar>(m_b * m_h * m_d * m_dv), m_b, m_h, m_d,
                       m_dv);
  }

  const Space& m_space;
  Workspace<Space>& m_workspace;
  std::int64_t m_b, m_h, m_d, m_dv;
  Scalar m_scale;
};

}  // namespace theria::linear_attention

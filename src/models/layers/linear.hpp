// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/models/layer.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// y = x Wᵀ + b, row by row, the bias optional.
template <class Space, class Scalar>
class LinearLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  /// Adds its weight (out,in) and, where named, its bias (out) to the layout, both uniform in ±1/√in.
  LinearLayer(ParameterLayout& layout, std::int64_t in, std::int64_t out, const std::string& weight,
              const std::string& bias = {});

  Extents out(const Extents& in) const override { return {in.rows, m_out}; }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  template <class T>
  Array<T, 3> weight(const Array<T, 2>& theta) const {
    return matrix_of(theta, m_weight, m_out, m_in);
  }
  template <class T>
  Array<T, 2> bias(const Array<T, 2>& theta) const {
    return m_has_bias ? vector_of(theta, m_bias, m_out) : Array<T, 2>{};
  }

  std::int64_t m_in, m_out;
  std::size_t m_weight, m_bias = 0;
  bool m_has_bias;
};

}  // namespace theria

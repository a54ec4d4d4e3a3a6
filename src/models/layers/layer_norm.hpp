// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kernels/layer_norm/arguments.hpp"
#include "src/models/layer.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// y = gain·x̂ + bias, x̂ each row with mean 0 and variance 1.
template <class Space, class Scalar>
class LayerNormLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  /// Adds {prefix}gain (width), all 1, and {prefix}bias (width), all 0, to the layout.
  LayerNormLayer(ParameterLayout& layout, std::int64_t width, const std::string& prefix);

  Extents out(const Extents& in) const override { return in; }
  void allocate(Memory<Space, Scalar>& memory, int tasks, const Extents& in) override;
  std::size_t kept(const Extents& in) const override {
    return 2 * whole_words(2 * std::size_t(in.rows));
  }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  template <class T>
  layer_norm::Statistics<T> statistics(const Kept<Scalar>& memory,
                                       const Array<const Scalar, 3>& x) const;
  layer_norm::Inputs<Scalar> inputs(const In& side) const;

  std::int64_t m_width;
  std::size_t m_gain, m_bias;   // offsets
  Kept<Scalar> m_value, m_dot;  // the rows' statistics and their tangents
};

}  // namespace theria

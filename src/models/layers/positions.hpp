// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "src/models/layer.hpp"
#include "src/models/layout.hpp"

namespace theria {

/// y = x + p, the same learned vector for the same token of every sequence.
template <class Space, class Scalar>
class PositionsLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  /// Adds `name` (tokens,width), uniform in ±1/√width, to the layout.
  PositionsLayer(ParameterLayout& layout, std::int64_t tokens, std::int64_t width,
                 const std::string& name);

  Extents out(const Extents& in) const override { return in; }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  void sum(const At& at, const Out& d) const;

  std::int64_t m_tokens, m_width;
  std::size_t m_offset;
};

}  // namespace theria

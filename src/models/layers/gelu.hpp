// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/models/layer.hpp"

namespace theria {

/// y = x Φ(x), number by number.
template <class Space, class Scalar>
class GeluLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  Extents out(const Extents& in) const override { return in; }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;
};

}  // namespace theria

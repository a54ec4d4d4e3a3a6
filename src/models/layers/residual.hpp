// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/models/layers/sequence.hpp"

namespace theria {

/// y = x + f(x), f a sequence of layers.
template <class Space, class Scalar>
class ResidualLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  explicit ResidualLayer(Sequence<Space, Scalar> branch) : m_branch(std::move(branch)) {}

  Extents out(const Extents& in) const override { return in; }
  void allocate(Memory<Space, Scalar>& memory, int tasks, const Extents& in) override {
    m_branch.allocate(memory, tasks, in);
  }
  std::size_t kept(const Extents& in) const override { return m_branch.kept(in); }
  std::size_t scratch(const Extents& in) const override { return m_branch.scratch(in); }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  Sequence<Space, Scalar> m_branch;
};

}  // namespace theria

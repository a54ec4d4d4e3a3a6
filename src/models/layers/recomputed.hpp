// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "src/models/layers/sequence.hpp"

namespace theria {

/// y = f(x), f a sequence of layers that keeps nothing but x and y: equal ones share the buffers between, and on the way
/// back go forward once more, unless theirs was the last there (Griewank 1992). The same numbers, bit for bit.
template <class Space, class Scalar>
class RecomputedLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  /// What equal layers have together.
  struct Shared {
    const RecomputedLayer* first = nullptr;  // it takes the buffers
    const RecomputedLayer* last = nullptr;   // whose activations are in them
    Memory<Space, Scalar> memory{};
  };

  RecomputedLayer(Sequence<Space, Scalar> f, std::shared_ptr<Shared> shared)
      : m_f(std::move(f)), m_shared(std::move(shared)) {
    if (m_shared->first == nullptr) m_shared->first = this;
  }

  Extents out(const Extents& in) const override { return m_f.out(in); }
  void allocate(Memory<Space, Scalar>& memory, int tasks, const Extents& in) override;
  std::size_t kept(const Extents& in) const override {
    return m_shared->first == this ? m_f.kept(in) : 0;
  }
  std::size_t scratch(const Extents& in) const override { return m_f.scratch(in); }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  Sequence<Space, Scalar> m_f;
  std::shared_ptr<Shared> m_shared;
};

}  // namespace theria

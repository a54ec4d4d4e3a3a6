// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "src/models/layer.hpp"

namespace theria {

/// Layers one after the other.
template <class Space, class Scalar>
class Sequence : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  /// A layer of this type behind those that are here.
  template <template <class, class> class Type, class... Arguments>
  void add(Arguments&&... arguments) {
    m_layers.push_back(
        std::make_unique<Type<Space, Scalar>>(std::forward<Arguments>(arguments)...));
  }

  Extents out(const Extents& in) const override;
  void allocate(Memory<Space, Scalar>& memory, int tasks, const Extents& in) override;
  std::size_t kept(const Extents& in) const override;
  std::size_t scratch(const Extents& in) const override;
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  using Outputs = std::vector<Kept<Scalar>>;
  /// y of every layer: in `kept`, and the last one `y`.
  std::vector<Array<Scalar, 3>> outputs(const Outputs& kept, const Extents& in,
                                        const Array<Scalar, 3>& y) const;
  /// Extents of x of every layer and, last, of y.
  std::vector<Extents> extents(const Extents& in) const;
  /// The largest extents between two layers; no numbers where there is one layer.
  std::size_t widest(const Extents& in) const;

  std::vector<std::unique_ptr<Layer<Space, Scalar>>> m_layers;
  Outputs m_value, m_dot;  // y of every layer but the last
};

}  // namespace theria

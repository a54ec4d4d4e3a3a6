// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/deck/deck.hpp"
#include "src/models/layer.hpp"

namespace theria {

/// One row of every sequence: its first or last token, or the mean of all. x (n, s·t, width), y (n, s, width).
template <class Space, class Scalar>
class ReadoutLayer : public Layer<Space, Scalar> {
 public:
  using typename Layer<Space, Scalar>::At;
  using typename Layer<Space, Scalar>::In;
  using typename Layer<Space, Scalar>::Out;

  ReadoutLayer(std::int64_t tokens, Readout which) : m_tokens(tokens), m_which(which) {}

  Extents out(const Extents& in) const override { return {in.rows / m_tokens, in.columns}; }
  void forward(const At& at, const In& value) override;
  void vjp(const At& at, const In& value, const Out& d) override;
  void jvp(const At& at, const In& value, const In& dot) override;
  void hvp(const At& at, const In& value, const In& dot, const Out& d, const Out& d_dot) override;

 private:
  /// The tokens that count, first … last − 1; their mean is taken.
  std::int64_t first() const { return m_which == Readout::last ? m_tokens - 1 : 0; }
  std::int64_t last() const { return m_which == Readout::first ? 1 : m_tokens; }
  void read(const At& at, const In& side) const;
  void spread(const At& at, const Out& d) const;

  std::int64_t m_tokens;
  Readout m_which;
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/positions.hpp"

#include <cmath>

#include "src/models/rows.hpp"

namespace theria {
namespace {

/// y(n,s·t,c) = x + p(n,t,c), where x is given; it is linear in both, so that of tangents it is the JVP.
template <class Space, class Scalar>
void add_positions(const Space& space, const Array<const Scalar, 3>& x,
                   const Array<const Scalar, 3>& p, const Array<Scalar, 3>& y) {
  const std::int64_t tokens = p.extent[1];
  for_each_element(
      "theria::models::positions", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        const Scalar before = x.data == nullptr ? Scalar(0) : x(n, r, c);
        y(n, r, c) = before + p(n, r % tokens, c);
      });
}

/// d_p(n,t,c) = Σ_s d_y(n,s·t,c), in order of sequences.
template <class Space, class Scalar>
void sum_positions(const Space& space, const Array<const Scalar, 3>& d_y,
                   const Array<Scalar, 3>& d_p) {
  const std::int64_t tokens = d_p.extent[1], rows = d_y.extent[1];
  for_each_element(
      "theria::models::positions::vjp", space, d_p,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t t, std::int64_t c) {
        Scalar total = 0;
        for (std::int64_t r = t; r < rows; r += tokens) total += d_y(n, r, c);
        d_p(n, t, c) = total;
      });
}

}  // namespace

template <class Space, class Scalar>
PositionsLayer<Space, Scalar>::PositionsLayer(ParameterLayout& layout, std::int64_t tokens,
                                              std::int64_t width, const std::string& name)
    : m_tokens(tokens),
      m_width(width),
      m_offset(layout.add(name, {std::size_t(tokens), std::size_t(width)},
                          {.bound = 1.0 / std::sqrt(static_cast<double>(width))})) {}

template <class Space, class Scalar>
void PositionsLayer<Space, Scalar>::sum(const At& at, const Out& d) const {
  if (d.x) copy_rows(at.space, d.y, d.x);
  if (d.theta) sum_positions(at.space, d.y, matrix_of(d.theta, m_offset, m_tokens, m_width));
}

template <class Space, class Scalar>
void PositionsLayer<Space, Scalar>::forward(const At& at, const In& value) {
  add_positions(at.space, value.x, matrix_of(value.theta, m_offset, m_tokens, m_width), value.y);
}

template <class Space, class Scalar>
void PositionsLayer<Space, Scalar>::vjp(const At& at, const In& /*value*/, const Out& d) {
  sum(at, d);
}

template <class Space, class Scalar>
void PositionsLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  forward(at, value);
  forward(at, dot);
}

template <class Space, class Scalar>
void PositionsLayer<Space, Scalar>::hvp(const At& at, const In& /*value*/, const In& /*dot*/,
                                        const Out& d, const Out& d_dot) {
  sum(at, d);
  sum(at, d_dot);
}

#define THERIA_INSTANTIATE(SPACE)              \
  template class PositionsLayer<SPACE, float>; \
  template class PositionsLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

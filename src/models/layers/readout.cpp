// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/readout.hpp"

#include "kernels/core/for_each.hpp"

namespace theria {
namespace {

/// y(n,s,c) = mean of x(n,s·t,c) over the tokens from `first` to before `last`, in order.
template <class Space, class Scalar>
void mean_of_tokens(const Space& space, std::int64_t tokens, std::int64_t first, std::int64_t last,
                    const Array<const Scalar, 3>& x, const Array<Scalar, 3>& y) {
  const Scalar share = Scalar(1) / Scalar(last - first);
  for_each_element(
      "theria::models::readout", space, y,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t s, std::int64_t c) {
        Scalar total = 0;
        for (std::int64_t t = first; t < last; ++t) total += x(n, s * tokens + t, c);
        y(n, s, c) = share * total;
      });
}

/// Its adjoint: d_x(n,s·t,c) = the tokens' shares of d_y(n,s,c), zero elsewhere.
template <class Space, class Scalar>
void share_among_tokens(const Space& space, std::int64_t tokens, std::int64_t first,
                        std::int64_t last, const Array<const Scalar, 3>& d_y,
                        const Array<Scalar, 3>& d_x) {
  const Scalar share = Scalar(1) / Scalar(last - first);
  for_each_element(
      "theria::models::readout::vjp", space, d_x,
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t r, std::int64_t c) {
        const std::int64_t t = r % tokens;
        d_x(n, r, c) = t < first || t >= last ? Scalar(0) : share * d_y(n, r / tokens, c);
      });
}

}  // namespace

template <class Space, class Scalar>
void ReadoutLayer<Space, Scalar>::read(const At& at, const In& side) const {
  mean_of_tokens(at.space, m_tokens, first(), last(), side.x, side.y);
}

template <class Space, class Scalar>
void ReadoutLayer<Space, Scalar>::spread(const At& at, const Out& d) const {
  if (d.x) share_among_tokens(at.space, m_tokens, first(), last(), d.y, d.x);
}

template <class Space, class Scalar>
void ReadoutLayer<Space, Scalar>::forward(const At& at, const In& value) {
  read(at, value);
}

template <class Space, class Scalar>
void ReadoutLayer<Space, Scalar>::vjp(const At& at, const In& /*value*/, const Out& d) {
  spread(at, d);
}

template <class Space, class Scalar>
void ReadoutLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  read(at, value);
  read(at, dot);
}

template <class Space, class Scalar>
void ReadoutLayer<Space, Scalar>::hvp(const At& at, const In& /*value*/, const In& /*dot*/,
                                      const Out& d, const Out& d_dot) {
  spread(at, d);
  spread(at, d_dot);
}

#define THERIA_INSTANTIATE(SPACE)            \
  template class ReadoutLayer<SPACE, float>; \
  template class ReadoutLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

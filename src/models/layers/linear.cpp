// SPDX-License-Identifier: Apache-2.0
#include "src/models/layers/linear.hpp"

#include <cmath>

#include "kernels/linear/forward.hpp"
#include "kernels/linear/hvp.hpp"
#include "kernels/linear/jvp.hpp"
#include "kernels/linear/vjp.hpp"

namespace theria {

template <class Space, class Scalar>
LinearLayer<Space, Scalar>::LinearLayer(ParameterLayout& layout, std::int64_t in, std::int64_t out,
                                        const std::string& weight, const std::string& bias)
    : m_in(in), m_out(out), m_has_bias(!bias.empty()) {
  const Uniform initial{.bound = 1.0 / std::sqrt(static_cast<double>(in))};
  m_weight = layout.add(weight, {std::size_t(out), std::size_t(in)}, initial);
  if (m_has_bias) m_bias = layout.add(bias, {std::size_t(out)}, initial);
}

template <class Space, class Scalar>
void LinearLayer<Space, Scalar>::forward(const At& at, const In& value) {
  linear::forward(at.space, linear::ForwardArguments<Scalar>{
                                {value.x, weight(value.theta), bias(value.theta)}, value.y});
}

template <class Space, class Scalar>
void LinearLayer<Space, Scalar>::vjp(const At& at, const In& value, const Out& d) {
  linear::vjp(at.space,
              linear::VjpArguments<Scalar>{
                  {value.x, weight(value.theta)}, d.y, {d.x, weight(d.theta), bias(d.theta)}});
}

template <class Space, class Scalar>
void LinearLayer<Space, Scalar>::jvp(const At& at, const In& value, const In& dot) {
  forward(at, value);
  linear::jvp(at.space, linear::JvpArguments<Scalar>{{value.x, weight(value.theta)},
                                                     {dot.x, weight(dot.theta), bias(dot.theta)},
                                                     dot.y});
}

template <class Space, class Scalar>
void LinearLayer<Space, Scalar>::hvp(const At& at, const In& value, const In& dot, const Out& d,
                                     const Out& d_dot) {
  const linear::Inputs<Scalar> in{value.x, weight(value.theta)};
  if (d.x) linear::vjp(at.space, linear::VjpArguments<Scalar>{in, d.y, {d.x}});
  linear::hvp(at.space,
              linear::HvpArguments<Scalar>{in,
                                           d.y,
                                           {dot.x, weight(dot.theta)},
                                           d_dot.y,
                                           {d_dot.x, weight(d_dot.theta), bias(d_dot.theta)}});
}

#define THERIA_INSTANTIATE(SPACE)           \
  template class LinearLayer<SPACE, float>; \
  template class LinearLayer<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

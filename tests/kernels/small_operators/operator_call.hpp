// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "kernels/gelu/forward.hpp"
#include "kernels/gelu/hvp.hpp"
#include "kernels/gelu/jvp.hpp"
#include "kernels/gelu/vjp.hpp"
#include "kernels/layer_norm/forward.hpp"
#include "kernels/layer_norm/hvp.hpp"
#include "kernels/layer_norm/jvp.hpp"
#include "kernels/layer_norm/vjp.hpp"
#include "kernels/linear_attention/forward.hpp"
#include "kernels/linear_attention/hvp.hpp"
#include "kernels/linear_attention/jvp.hpp"
#include "kernels/linear_attention/vjp.hpp"
#include "kernels/squared_error/forward.hpp"
#include "kernels/squared_error/hvp.hpp"
#include "kernels/squared_error/jvp.hpp"
#include "kernels/squared_error/vjp.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// Host values by name, as in operators.h5: inputs x, tangents x_dot, cotangents d_y, d_y_dot; results y, y_dot, d_x,
/// d_x_dot.
using Named = std::map<std::string, Vector>;
/// Extents of the inputs and of the output, by name.
using Shapes = std::map<std::string, std::vector<std::size_t>>;

/// Tensors of one call on Space.
template <class Space, class Scalar>
class Tensors {
 public:
  Tensors(const Shapes& shapes, const Named& values) : m_shapes(shapes), m_values(values) {}

  template <int Rank>
  DeviceTensor<Space, Scalar, Rank> in(const std::string& name, const std::string& like) const {
    return {extents<Rank>(like), m_values.at(name)};
  }
  template <int Rank>
  DeviceTensor<Space, Scalar, Rank> out(const std::string& like) const {
    return DeviceTensor<Space, Scalar, Rank>(extents<Rank>(like));
  }

 private:
  template <int Rank>
  std::array<std::size_t, Rank> extents(const std::string& like) const {
    std::array<std::size_t, Rank> all{};
    for (int axis = 0; axis < Rank; ++axis) all[axis] = m_shapes.at(like).at(axis);
    return all;
  }
  const Shapes& m_shapes;
  const Named& m_values;
};

template <class Space, class Scalar>
Named squared_error_results(const Shapes& shapes, const Named& values) {
  const Space space{};
  const Tensors<Space, Scalar> t(shapes, values);
  const auto y = t.template in<3>("y", "y"), target = t.template in<3>("target", "y"),
             y_dot = t.template in<3>("y_dot", "y");
  const auto loss = t.template out<1>("y"), loss_dot = t.template out<1>("y");
  const auto d_y = t.template out<3>("y"), d_y_hvp = t.template out<3>("y"),
             d_y_dot = t.template out<3>("y");
  namespace op = squared_error;
  op::forward(space, op::ForwardArguments<Scalar>{y.in(), target.in(), loss.out()});
  op::jvp(space, op::JvpArguments<Scalar>{y.in(), target.in(), y_dot.in(), loss_dot.out()});
  op::vjp(space, op::VjpArguments<Scalar>{y.in(), target.in(), d_y.out()});
  op::hvp(space,
          op::HvpArguments<Scalar>{y.in(), target.in(), y_dot.in(), d_y_hvp.out(), d_y_dot.out()});
  return {{"loss", loss.values()},
          {"loss_dot", loss_dot.values()},
          {"d_y", d_y.values()},
          {"hvp d_y", d_y_hvp.values()},
          {"d_y_dot", d_y_dot.values()}};
}

template <class Space, class Scalar>
Named gelu_results(const Shapes& shapes, const Named& values) {
  const Space space{};
  const Tensors<Space, Scalar> t(shapes, values);
  const auto x = t.template in<3>("x", "x"), x_dot = t.template in<3>("x_dot", "x"),
             d_y = t.template in<3>("d_y", "x"), d_y_dot = t.template in<3>("d_y_dot", "x");
  const auto y = t.template out<3>("x"), y_jvp = t.template out<3>("x"),
             y_dot = t.template out<3>("x"), d_x = t.template out<3>("x"),
             d_x_hvp = t.template out<3>("x"), d_x_dot = t.template out<3>("x");
  gelu::forward(space, gelu::ForwardArguments<Scalar>{x.in(), y.out()});
  gelu::jvp(space, gelu::JvpArguments<Scalar>{x.in(), x_dot.in(), y_jvp.out(), y_dot.out()});
  gelu::vjp(space, gelu::VjpArguments<Scalar>{x.in(), d_y.in(), d_x.out()});
  gelu::hvp(space, gelu::HvpArguments<Scalar>{x.in(), d_y.in(), x_dot.in(), d_y_dot.in(),
                                              d_x_hvp.out(), d_x_dot.out()});
  return {{"y", y.values()},     {"jvp y", y_jvp.values()},     {"y_dot", y_dot.values()},
          {"d_x", d_x.values()}, {"hvp d_x", d_x_hvp.values()}, {"d_x_dot", d_x_dot.values()}};
}

template <class Space, class Scalar>
Named layer_norm_results(const Shapes& shapes, const Named& values) {
  const Space space{};
  const Tensors<Space, Scalar> t(shapes, values);
  const auto x = t.template in<3>("x", "x"), x_dot = t.template in<3>("x_dot", "x"),
             d_y = t.template in<3>("d_y", "x"), d_y_dot = t.template in<3>("d_y_dot", "x");
  const auto gain = t.template in<2>("gain", "gain"), bias = t.template in<2>("bias", "gain"),
             gain_dot = t.template in<2>("gain_dot", "gain"),
             bias_dot = t.template in<2>("bias_dot", "gain");
  const auto y = t.template out<3>("x"), y_jvp = t.template out<3>("x"),
             y_dot = t.template out<3>("x"), d_x = t.template out<3>("x"),
             d_x_hvp = t.template out<3>("x"), d_x_dot = t.template out<3>("x");
  const auto d_gain = t.template out<2>("gain"), d_bias = t.template out<2>("gain"),
             d_gain_dot = t.template out<2>("gain"), d_bias_dot = t.template out<2>("gain");
  const auto mean = t.template out<2>("x"), inverse = t.template out<2>("x"),
             mean_dot = t.template out<2>("x"), inverse_dot = t.template out<2>("x");
  namespace op = layer_norm;
  const op::Inputs<Scalar> in{x.in(), gain.in(), bias.in()},
      dot{x_dot.in(), gain_dot.in(), bias_dot.in()};
  const op::Statistics<Scalar> rows{mean.out(), inverse.out()},
      rows_dot{mean_dot.out(), inverse_dot.out()};
  const op::Statistics<const Scalar> read{mean.in(), inverse.in()},
      read_dot{mean_dot.in(), inverse_dot.in()};
  op::forward(space, op::ForwardArguments<Scalar>{in, y.out(), rows});
  op::vjp(space,
          op::VjpArguments<Scalar>{in, read, d_y.in(), {d_x.out(), d_gain.out(), d_bias.out()}});
  op::jvp(space, op::JvpArguments<Scalar>{in, dot, y_jvp.out(), y_dot.out(), rows, rows_dot});
  op::hvp(space, op::HvpArguments<Scalar>{in,
                                          dot,
                                          read,
                                          read_dot,
                                          d_y.in(),
                                          d_y_dot.in(),
                                          d_x_hvp.out(),
                                          {d_x_dot.out(), d_gain_dot.out(), d_bias_dot.out()}});
  return {{"y", y.values()},
          {"jvp y", y_jvp.values()},
          {"y_dot", y_dot.values()},
          {"d_x", d_x.values()},
          {"hvp d_x", d_x_hvp.values()},
          {"d_x_dot", d_x_dot.values()},
          {"d_gain", d_gain.values()},
          {"d_bias", d_bias.values()},
          {"d_gain_dot", d_gain_dot.values()},
          {"d_bias_dot", d_bias_dot.values()}};
}

template <class Space, class Scalar>
Named linear_attention_results(const Shapes& shapes, const Named& values) {
  const Space space{};
  const Tensors<Space, Scalar> t(shapes, values);
  const auto in = [&](const char* name, const char* like) { return t.template in<4>(name, like); };
  const auto q = in("q", "q"), k = in("k", "k"), v = in("v", "v"), q_dot = in("q_dot", "q"),
             k_dot = in("k_dot", "k"), v_dot = in("v_dot", "v"), d_o = in("d_o", "o"),
             d_o_dot = in("d_o_dot", "o");
  const auto out = [&](const char* like) { return t.template out<4>(like); };
  const auto o = out("o"), o_jvp = out("o"), o_dot = out("o");
  const auto d_q = out("q"), d_k = out("k"), d_v = out("v"), hvp_q = out("q"), hvp_k = out("k"),
             hvp_v = out("v"), d_q_dot = out("q"), d_k_dot = out("k"), d_v_dot = out("v");
  namespace op = linear_attention;
  const op::Inputs<Scalar> at{q.in(), k.in(), v.in()}, dot{q_dot.in(), k_dot.in(), v_dot.in()};
  Workspace<Space> workspace;
  op::forward(space, op::ForwardArguments<Scalar>{at, o.out()}, workspace);
  op::vjp(space, op::VjpArguments<Scalar>{at, d_o.in(), {d_q.out(), d_k.out(), d_v.out()}},
          workspace);
  op::jvp(space, op::JvpArguments<Scalar>{at, dot, o_jvp.out(), o_dot.out()}, workspace);
  op::hvp(space,
          op::HvpArguments<Scalar>{at,
                                   d_o.in(),
                                   dot,
                                   d_o_dot.in(),
                                   {hvp_q.out(), hvp_k.out(), hvp_v.out()},
                                   {d_q_dot.out(), d_k_dot.out(), d_v_dot.out()}},
          workspace);
  return {{"o", o.values()},
          {"jvp o", o_jvp.values()},
          {"o_dot", o_dot.values()},
          {"d_q", d_q.values()},
          {"d_k", d_k.values()},
          {"d_v", d_v.values()},
          {"hvp d_q", hvp_q.values()},
          {"hvp d_k", hvp_k.values()},
          {"hvp d_v", hvp_v.values()},
          {"d_q_dot", d_q_dot.values()},
          {"d_k_dot", d_k_dot.values()},
          {"d_v_dot", d_v_dot.values()}};
}

}  // namespace theria::test

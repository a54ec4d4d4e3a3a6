// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "kernels/linear/forward.hpp"
#include "kernels/linear/hvp.hpp"
#include "kernels/linear/jvp.hpp"
#include "kernels/linear/vjp.hpp"
#include "tests/support/device_tensor.hpp"
#include "tests/support/vectors.hpp"

namespace theria::test {

/// Host values of one call of linear's four rules: n tasks, r rows, `out` by `in` weights.
struct LinearCase {
  std::size_t n, r, in, out;
  Vector x, w, b, x_dot, w_dot, b_dot, d_y, d_y_dot;
};

using Results = std::map<std::string, Vector>;

/// All four rules: y, y_dot, d_x d_w d_b, d_x_dot d_w_dot d_b_dot.
template <class Space, class Scalar>
Results linear_results(const LinearCase& c) {
  const Space space{};
  using T3 = DeviceTensor<Space, Scalar, 3>;
  using T2 = DeviceTensor<Space, Scalar, 2>;
  const std::array<std::size_t, 3> rows_in{c.n, c.r, c.in}, rows_out{c.n, c.r, c.out},
      weights{c.n, c.out, c.in};
  const std::array<std::size_t, 2> biases{c.n, c.out};
  const T3 x(rows_in, c.x), w(weights, c.w), x_dot(rows_in, c.x_dot), w_dot(weights, c.w_dot);
  const T2 b(biases, c.b), b_dot(biases, c.b_dot);
  const T3 d_y(rows_out, c.d_y), d_y_dot(rows_out, c.d_y_dot);
  const T3 y(rows_out), y_dot(rows_out), d_x(rows_in), d_w(weights), d_x_dot(rows_in),
      d_w_dot(weights);
  const T2 d_b(biases), d_b_dot(biases);
  const linear::Inputs<Scalar> in{x.in(), w.in(), b.in()};
  const linear::Tangents<Scalar> dot{x_dot.in(), w_dot.in(), b_dot.in()};
  linear::forward(space, linear::ForwardArguments<Scalar>{in, y.out()});
  linear::jvp(space, linear::JvpArguments<Scalar>{in, dot, y_dot.out()});
  linear::vjp(space, linear::VjpArguments<Scalar>{in, d_y.in(), {d_x.out(), d_w.out(), d_b.out()}});
  linear::hvp(space,
              linear::HvpArguments<Scalar>{
                  in, d_y.in(), dot, d_y_dot.in(), {d_x_dot.out(), d_w_dot.out(), d_b_dot.out()}});
  return {{"y", y.values()},
          {"y_dot", y_dot.values()},
          {"d_x", d_x.values()},
          {"d_w", d_w.values()},
          {"d_b", d_b.values()},
          {"d_x_dot", d_x_dot.values()},
          {"d_w_dot", d_w_dot.values()},
          {"d_b_dot", d_b_dot.values()}};
}

}  // namespace theria::test

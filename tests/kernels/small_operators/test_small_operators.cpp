// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "tests/kernels/small_operators/operator_call.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/host/golden.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// An operator of the table: its inputs, the ones that are differentiated first, and its output.
struct SmallOperator {
  std::string name;
  std::vector<std::string> inputs;
  std::string output;
  Shapes shapes;  // ragged ones, for what is compared with itself
};

inline const std::vector<SmallOperator> small_operators = {
    {"gelu", {"x"}, "y", {{"x", {3, 7, 33}}, {"y", {3, 7, 33}}}},
    {"layer_norm",
     {"x", "gain", "bias"},
     "y",
     {{"x", {3, 7, 33}}, {"gain", {3, 33}}, {"bias", {3, 33}}, {"y", {3, 7, 33}}}},
    {"linear_attention",
     {"q", "k", "v"},
     "o",
     {{"q", {2, 3, 70, 5}}, {"k", {2, 3, 67, 5}}, {"v", {2, 3, 67, 9}}, {"o", {2, 3, 70, 9}}}}};

template <class Space, class Scalar>
Named results_of(const std::string& name, const Shapes& shapes, const Named& values) {
  if (name == "gelu") return gelu_results<Space, Scalar>(shapes, values);
  if (name == "layer_norm") return layer_norm_results<Space, Scalar>(shapes, values);
  if (name == "linear_attention") return linear_attention_results<Space, Scalar>(shapes, values);
  return squared_error_results<Space, Scalar>(shapes, values);
}

/// Inputs, tangents and cotangents of one operator, drawn.
inline Named drawn(const SmallOperator& op) {
  Named values;
  std::uint64_t seed = 1;
  const auto draw = [&](const std::string& name, const std::string& like) {
    std::size_t count = 1;
    for (const std::size_t extent : op.shapes.at(like)) count *= extent;
    values[name] = random_vector(count, seed++);
  };
  for (const std::string& name : op.inputs) {
    draw(name, name);
    draw(name + "_dot", name);
  }
  draw("d_" + op.output, op.output);
  draw("d_" + op.output + "_dot", op.output);
  return values;
}

TEST_CASE_TEMPLATE("small operators: golden values of all four rules", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  const GoldenFile file("operators.h5");
  for (const std::string name : {"squared_error", "gelu", "layer_norm", "linear_attention"}) {
    Shapes shapes;
    Named values;
    for (const std::string& set : file.data_sets(name)) {
      values[set] = file.values(name + "/" + set);
      shapes[set] = file.shape(name + "/" + set);
    }
    if (name == "linear_attention") shapes["o"] = shapes["d_o"];
    Named ours = results_of<typename Place::Space, Scalar>(name, shapes, values);
    if (name == "squared_error") {  // theirs is for any cotangent of the loss, ours for 1
      const std::size_t each = ours["d_y"].size() / values["d_loss"].size();
      for (std::size_t e = 0; e < ours["d_y"].size(); ++e) {
        ours["d_y_dot"][e] = values["d_loss"][e / each] * ours["d_y_dot"][e] +
                             values["d_loss_dot"][e / each] * ours["d_y"][e];
        ours["d_y"][e] *= values["d_loss"][e / each];
      }
    }
    // Sums of up to 30 products of size 1; a row of layer norm can be narrow, which lengthens x̂ and its tangents.
    const double bar = sizeof(Scalar) == 8 ? 4e-15 : 2e-6;
    for (const std::string& set : file.data_sets(name + "/expected")) {
      INFO(name, " ", set);
      CHECK(allclose(ours.at(set), file.values(name + "/expected/" + set), bar));
    }
  }
}

template <class Space>
void check_derivatives(const SmallOperator& op) {
  const Named here = drawn(op);
  const Named ours = results_of<Space, double>(op.name, op.shapes, here);
  const auto moved = [&](double h) {
    Named there = here;
    for (const std::string& name : op.inputs)
      there[name] = combine(1, here.at(name), h, here.at(name + "_dot"));
    const std::string d = "d_" + op.output;
    there[d] = combine(1, here.at(d), h, here.at(d + "_dot"));
    return results_of<Space, double>(op.name, op.shapes, there);
  };
  // Truncation h²/6 times a third derivative of some tens, rounding 1e-16/h: 1e-9 at h = 1e-5.
  const double h = 1e-5;
  const Named plus = moved(h), minus = moved(-h);
  const auto quotient = [&](const std::string& name) {
    return combine(1 / (2 * h), plus.at(name), -1 / (2 * h), minus.at(name));
  };
  CHECK(allclose(ours.at(op.output + "_dot"), quotient(op.output), 1e-7));
  double inward = 0, size = 0;
  for (const std::string& name : op.inputs) {
    INFO(name);
    CHECK(allclose(ours.at("d_" + name + "_dot"), quotient("d_" + name), 1e-7));
    inward += dot(ours.at("d_" + name), here.at(name + "_dot"));
    size += norm(ours.at("d_" + name)) * norm(here.at(name + "_dot"));
  }
  // ⟨dx, ẋ⟩ = ⟨dy, ẏ⟩
  CHECK(allclose({inward}, {dot(here.at("d_" + op.output), ours.at(op.output + "_dot"))}, 1e-14,
                 size));
  // What comes by the way is the same as by itself; with tangents the compiler may fuse it differently.
  CHECK(allclose(ours.at("jvp " + op.output), ours.at(op.output), 1e-15));
  CHECK(allclose(ours.at("hvp d_" + op.inputs[0]), ours.at("d_" + op.inputs[0]), 1e-14));
  CHECK(same_bits(
      results_of<Space, double>(op.name, op.shapes, here).at("d_" + op.inputs[0] + "_dot"),
      ours.at("d_" + op.inputs[0] + "_dot")));
}

TEST_CASE_TEMPLATE("small operators: derivatives against differences, adjoint, same bits", Space,
                   THERIA_TEST_SPACES) {
  for (const SmallOperator& op : small_operators) {
    INFO(op.name);
    check_derivatives<Space>(op);
  }
}

TEST_CASE_TEMPLATE("gelu: large arguments keep their digits", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  const Shapes shapes{{"x", {1, 1, 4}}, {"y", {1, 1, 4}}};
  const Named ours = gelu_results<typename Place::Space, typename Place::Scalar>(
      shapes, {{"x", {-9, -1000, 1000, 0}},
               {"x_dot", {1, 1, 1, 1}},
               {"d_y", {1, 1, 1, 1}},
               {"d_y_dot", {0, 0, 0, 0}}});
  // Φ(−9) to 17 digits by another program (mpmath); beyond, no NaN from 0·∞.
  const double tail = -9 * 1.1285884059538406e-19;
  const bool wide = sizeof(typename Place::Scalar) == 8;
  CHECK(allclose({ours.at("y")[0]}, {tail}, wide ? 1e-13 : 1e-5));
  CHECK(ours.at("y")[1] == 0);
  CHECK(ours.at("y")[2] == 1000);
  CHECK(ours.at("d_x")[1] == 0);
  CHECK(ours.at("d_x")[2] == 1);
  CHECK(ours.at("d_x")[3] == 0.5);
  CHECK(ours.at("d_x_dot")[1] == 0);
}

TEST_CASE_TEMPLATE("layer norm: constant rows, shared gain and bias", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  using Space = typename Place::Space;
  const DeviceTensor<Space, Scalar, 3> x({2, 2, 4},
                                         {3, 3, 3, 3, 1, 2, 3, 4, 5, 5, 5, 5, 4, 3, 2, 1}),
      y({2, 2, 4});
  const DeviceTensor<Space, Scalar, 2> gain({1, 4}, {1, 2, 3, 4}), bias({1, 4}, {8, 7, 6, 5}),
      mean({2, 2}), inverse({2, 2});
  layer_norm::forward(
      Space{},
      layer_norm::ForwardArguments<Scalar>{
          {x.in(), gain.shared_by(2), bias.shared_by(2)}, y.out(), {mean.out(), inverse.out()}});
  const Vector out = y.values();
  // A constant row is its mean: the bias alone is left.
  CHECK(Vector(out.begin(), out.begin() + 4) == Vector{8, 7, 6, 5});
  CHECK(Vector(out.begin() + 8, out.begin() + 12) == Vector{8, 7, 6, 5});
  // 1 2 3 4 has mean 2.5 and variance 1.25.
  const double s = 1 / std::sqrt(1.25 + 1e-5);
  CHECK(allclose(Vector(out.begin() + 4, out.begin() + 8),
                 {8 - 1.5 * s, 7 - s, 6 + 1.5 * s, 5 + 6 * s}, sizeof(Scalar) == 8 ? 1e-15 : 1e-6));
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "tests/kernels/cross_entropy/results.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/host/golden.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

inline CrossEntropyCase drawn_case() {
  CrossEntropyCase c{.n = 3,
                     .r = 9,
                     .c = 7,
                     .logits = random_vector(189, 1),
                     .labels = Vector(27),
                     .logits_dot = random_vector(189, 2)};
  for (double& x : c.logits) x *= 4;
  for (std::size_t n = 0; n < c.labels.size(); ++n) c.labels[n] = static_cast<double>(n * 5 % 7);
  return c;
}

/// Every task's rows scaled by its own factor.
inline Vector per_task(const Vector& factor, const Vector& x) {
  Vector y = x;
  const std::size_t each = x.size() / factor.size();
  for (std::size_t e = 0; e < y.size(); ++e) y[e] *= factor[e / each];
  return y;
}

TEST_CASE_TEMPLATE("cross entropy: golden values of all four rules", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  const GoldenFile file("operators.h5");
  for (const std::string group : {"cross_entropy", "cross_entropy_large_logits"}) {
    INFO(group);
    const auto get = [&](const std::string& name) { return file.values(group + "/" + name); };
    const auto shape = file.shape(group + "/logits");
    const auto labels = file.integers(group + "/labels");
    const CrossEntropyCase c{.n = shape[0],
                             .r = shape[1],
                             .c = shape[2],
                             .logits = get("logits"),
                             .labels = Vector(labels.begin(), labels.end()),
                             .logits_dot = get("logits_dot")};
    auto ours = cross_entropy_results<typename Place::Space, Scalar>(c);
    // A few roundings each; an exponent of size L carries a relative error of L/2 ulp into the
    // softmax, which makes a thousand ulp for the large logits.
    const bool large = group != "cross_entropy";
    const double bar = (sizeof(Scalar) == 8 ? 2e-15 : 1e-6) * (large ? 100 : 1);
    const Vector d_loss = get("d_loss");
    CHECK(allclose(ours["loss"], get("expected/loss"), bar));
    CHECK(allclose(ours["loss_dot"], get("expected/loss_dot"), bar));
    CHECK(allclose(per_task(d_loss, ours["d_logits"]), get("expected/d_logits"), bar));
    CHECK(allclose(combine(1, per_task(get("d_loss_dot"), ours["d_logits"]), 1,
                           per_task(d_loss, ours["d_logits_dot"])),
                   get("expected/d_logits_dot"), bar));
  }
}

TEST_CASE_TEMPLATE("cross entropy: derivatives against differences, adjoint, symmetry", Space,
                   THERIA_TEST_SPACES) {
  const CrossEntropyCase c = drawn_case();
  const auto at = [&](const Vector& logits, const Vector& logits_dot) {
    CrossEntropyCase moved = c;
    moved.logits = logits;
    moved.logits_dot = logits_dot;
    return cross_entropy_results<Space, double>(moved);
  };
  const auto here = at(c.logits, c.logits_dot);
  // Truncation h²/6 times a third derivative of size 1, rounding 1e-16/h: 1e-10 at h = 1e-5.
  const double h = 1e-5, bar = 1e-9;
  CHECK(allclose(here.at("loss_dot"),
                 central_difference([&](const Vector& l) { return at(l, c.logits_dot).at("loss"); },
                                    c.logits, c.logits_dot, h),
                 bar));
  CHECK(allclose(
      here.at("d_logits_dot"),
      central_difference([&](const Vector& l) { return at(l, c.logits_dot).at("d_logits"); },
                         c.logits, c.logits_dot, h),
      bar));
  // Sums of 189 products: rounding alone.
  double sum = 0;
  for (const double x : here.at("loss_dot")) sum += x;
  const double size = norm(here.at("d_logits")) * norm(c.logits_dot);
  CHECK(allclose({dot(here.at("d_logits"), c.logits_dot)}, {sum}, 1e-14, size));
  const Vector u = random_vector(c.logits.size(), 3);
  const double curvature = norm(here.at("d_logits_dot")) * norm(u);
  CHECK(allclose({dot(at(c.logits, u).at("d_logits_dot"), c.logits_dot)},
                 {dot(here.at("d_logits_dot"), u)}, 1e-14, curvature));
}

TEST_CASE_TEMPLATE("cross entropy: the HVP's first result is the VJP's", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  const auto r = cross_entropy_results<typename Place::Space, typename Place::Scalar>(drawn_case());
  // The same formulas on dual numbers; the compiler may fuse their products differently.
  const double ulp = sizeof(typename Place::Scalar) == 8 ? 1e-15 : 1e-6;
  CHECK(allclose(r.at("hvp_d_logits"), r.at("d_logits"), ulp));
}

TEST_CASE_TEMPLATE("cross entropy: equal logits, certain logits, ties", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  const auto losses = [](const Vector& logits, const Vector& labels) {
    return cross_entropy_results<typename Place::Space, Scalar>(
        {.n = 1, .r = 2, .c = 3, .logits = logits, .labels = labels, .logits_dot = Vector(6)});
  };
  // log 3, rounded.
  const auto equal = losses({7, 7, 7, -2, -2, -2}, {0, 2});
  CHECK(allclose(equal.at("loss"), {std::log(3.0)}, sizeof(Scalar) == 8 ? 1e-15 : 2e-7));
  CHECK(equal.at("accuracy") == Vector{0.5});  // the first of equals is the answer
  CHECK(equal.at("d_logits_dot") == Vector(6));
  // exp(−10000) is 0: the loss is the margin, with no infinity on the way.
  const auto certain = losses({10000, 0, 0, 10000, 0, 0}, {0, 1});
  CHECK(certain.at("loss") == Vector{5000});
  CHECK(certain.at("accuracy") == Vector{0.5});
  CHECK(certain.at("d_logits") == Vector{0, 0, 0, 0.5, -0.5, 0});
}

}  // namespace theria::test

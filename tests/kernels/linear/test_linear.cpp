// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "tests/kernels/linear/results.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/host/golden.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// Multiples of 1/8 in [−1, 1): every product and sum below is exact in float, so that identities
/// hold to the bit and the order of a sum does not matter.
inline LinearCase exact_case(std::size_t n, std::size_t r, std::size_t in, std::size_t out) {
  const auto draw = [](std::size_t count, std::uint64_t seed) {
    return random_vector(count, seed, 8);
  };
  return {.n = n,
          .r = r,
          .in = in,
          .out = out,
          .x = draw(n * r * in, 1),
          .w = draw(n * out * in, 2),
          .b = draw(n * out, 3),
          .x_dot = draw(n * r * in, 4),
          .w_dot = draw(n * out * in, 5),
          .b_dot = draw(n * out, 6),
          .d_y = draw(n * r * out, 7),
          .d_y_dot = draw(n * r * out, 8)};
}

/// y = x Wᵀ + b by its definition.
inline Vector by_definition(const LinearCase& c) {
  Vector y(c.n * c.r * c.out);
  for (std::size_t n = 0; n < c.n; ++n)
    for (std::size_t r = 0; r < c.r; ++r)
      for (std::size_t o = 0; o < c.out; ++o) {
        double sum = c.b[n * c.out + o];
        for (std::size_t i = 0; i < c.in; ++i)
          sum += c.x[(n * c.r + r) * c.in + i] * c.w[(n * c.out + o) * c.in + i];
        y[(n * c.r + r) * c.out + o] = sum;
      }
  return y;
}

/// The case at x + h ẋ, W + h Ẇ, b + h ḃ, dy + h dẏ.
inline LinearCase moved(LinearCase c, double h) {
  c.x = combine(1, c.x, h, c.x_dot);
  c.w = combine(1, c.w, h, c.w_dot);
  c.b = combine(1, c.b, h, c.b_dot);
  c.d_y = combine(1, c.d_y, h, c.d_y_dot);
  return c;
}

/// 1, a tile less one, a tile, a tile and one, ragged, nothing to sum; then what warpgroups take where there are any,
/// several tiles of it, and what they don't for its alignment alone.
struct LinearShape {
  std::size_t n, r, in, out;
};
constexpr LinearShape linear_shapes[] = {
    {1, 1, 1, 1},       {2, 31, 63, 31},  {2, 32, 64, 64}, {3, 33, 65, 33},  {2, 5, 100, 7},
    {1, 70, 3, 130},    {4, 1, 64, 5},    {2, 3, 0, 4},    {2, 0, 5, 4},     {2, 130, 72, 132},
    {1, 257, 160, 300}, {3, 67, 35, 100}, {2, 70, 36, 37}, {1, 33, 260, 300}};

TEST_CASE_TEMPLATE("linear: golden values of all four rules", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  const GoldenFile file("operators.h5");
  const auto get = [&](const std::string& name) { return file.values("linear/" + name); };
  const auto shape = file.shape("linear/x");
  const LinearCase c{.n = shape[0],
                     .r = shape[1],
                     .in = shape[2],
                     .out = file.shape("linear/weight")[1],
                     .x = get("x"),
                     .w = get("weight"),
                     .b = get("bias"),
                     .x_dot = get("x_dot"),
                     .w_dot = get("weight_dot"),
                     .b_dot = get("bias_dot"),
                     .d_y = get("d_y"),
                     .d_y_dot = get("d_y_dot")};
  const Results results = linear_results<typename Place::Space, Scalar>(c);
  for (const auto& [ours, theirs] : {std::pair{"y", "y"},
                                     {"y_dot", "y_dot"},
                                     {"d_x", "d_x"},
                                     {"d_w", "d_weight"},
                                     {"d_b", "d_bias"},
                                     {"d_x_dot", "d_x_dot"},
                                     {"d_w_dot", "d_weight_dot"},
                                     {"d_b_dot", "d_bias_dot"}}) {
    INFO(ours);
    // Sums of at most eleven products of numbers of size 1: a dozen roundings of half an ulp.
    const double bar = sizeof(Scalar) == 8 ? 2e-15 : 1e-6;
    CHECK(allclose(results.at(ours), get(std::string("expected/") + theirs), bar));
  }
}

TEST_CASE_TEMPLATE("linear: every rule is exact where the arithmetic is", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  for (const auto& [n, r, in, out] : linear_shapes) {
    const LinearCase c = exact_case(n, r, in, out);
    CAPTURE(n);
    CAPTURE(r);
    CAPTURE(in);
    CAPTURE(out);
    const Results at = linear_results<Space, Scalar>(c);
    CHECK(at.at("y") == by_definition(c));
    // ⟨dy, ẏ⟩ = ⟨dx, ẋ⟩ + ⟨dW, Ẇ⟩ + ⟨db, ḃ⟩
    CHECK(dot(c.d_y, at.at("y_dot")) ==
          dot(at.at("d_x"), c.x_dot) + dot(at.at("d_w"), c.w_dot) + dot(at.at("d_b"), c.b_dot));
    // The rule is bilinear, so that a central difference has no truncation error.
    const double h = 0.5;
    const Results plus = linear_results<Space, Scalar>(moved(c, h));
    const Results minus = linear_results<Space, Scalar>(moved(c, -h));
    const auto difference = [&](const std::string& name) {
      return combine(1 / (2 * h), plus.at(name), -1 / (2 * h), minus.at(name));
    };
    CHECK(at.at("y_dot") == difference("y"));
    for (const std::string name : {"d_x", "d_w", "d_b"}) {
      INFO(name);
      CHECK(at.at(name + "_dot") == difference(name));
    }
    // Symmetry of second derivatives of ⟨dy, y⟩ in (x, W, b, dy).
    LinearCase u = c;
    u.x_dot = random_vector(c.x.size(), 14, 8);
    u.w_dot = random_vector(c.w.size(), 15, 8);
    u.b_dot = random_vector(c.b.size(), 16, 8);
    u.d_y_dot = random_vector(c.d_y.size(), 17, 8);
    const Results along_u = linear_results<Space, Scalar>(u);
    const auto pair = [](const LinearCase& left, const Results& right) {
      return dot(left.x_dot, right.at("d_x_dot")) + dot(left.w_dot, right.at("d_w_dot")) +
             dot(left.b_dot, right.at("d_b_dot")) + dot(left.d_y_dot, right.at("y_dot"));
    };
    CHECK(pair(u, at) == pair(c, along_u));
  }
}

/// max |x − exact| / max |exact|
inline double error_of(const Vector& x, const Vector& exact) {
  double error = 0, scale = 0;
  for (std::size_t e = 0; e < x.size(); ++e) {
    error = std::max(error, std::abs(x[e] - exact[e]));
    scale = std::max(scale, std::abs(exact[e]));
  }
  return error / scale;
}

/// y (n,m) = Σ_k a(k,m) b(k,n) for one task, in Number, one product after the other.
template <class Number>
Vector summed_in(const Vector& a, const Vector& b, std::size_t k, std::size_t m, std::size_t n) {
  Vector y(m * n);
  for (std::size_t i = 0; i < m; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      Number sum = 0;
      for (std::size_t p = 0; p < k; ++p)
        sum += static_cast<Number>(a[p * m + i]) * static_cast<Number>(b[p * n + j]);
      y[i * n + j] = static_cast<double>(sum);
    }
  return y;
}

TEST_CASE_TEMPLATE("linear: products of floats miss no more than twice what sums of floats miss",
                   Place, THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  if constexpr (sizeof(Scalar) == sizeof(float)) {
    LinearCase c = exact_case(1, 300, 192, 256);
    std::uint64_t seed = 60;
    for (auto member : {&LinearCase::x, &LinearCase::w, &LinearCase::d_y}) {
      Vector& v = c.*member;
      v = random_vector(v.size(), seed++, 1 << 22);  // all bits of a float
    }
    const auto turned = [](const Vector& v, std::size_t rows) {
      const std::size_t cols = v.size() / rows;
      Vector t(v.size());
      for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < cols; ++j) t[j * rows + i] = v[i * cols + j];
      return t;
    };
    c.b.assign(c.b.size(), 0);
    const Results got = linear_results<Space, Scalar>(c);
    const auto compare = [&](const std::string& name, const Vector& a, const Vector& b,
                             std::size_t k, std::size_t m, std::size_t n) {
      INFO(name);
      const Vector exact = summed_in<double>(a, b, k, m, n);
      CHECK(error_of(got.at(name), exact) <= 2 * error_of(summed_in<float>(a, b, k, m, n), exact));
    };
    compare("y", turned(c.x, c.r), turned(c.w, c.out), c.in, c.r, c.out);
    compare("d_x", turned(c.d_y, c.r), c.w, c.out, c.r, c.in);
    compare("d_w", c.d_y, c.x, c.r, c.out, c.in);
  }
}

template <class Space, class Scalar>
void check_accumulate(std::size_t r, std::size_t n_in, std::size_t out) {
  const Space space{};
  const LinearCase c = exact_case(2, r, n_in, out);
  using T3 = DeviceTensor<Space, Scalar, 3>;
  const T3 x({2, r, n_in}, c.x), w({2, out, n_in}, c.w), x_dot({2, r, n_in}, c.x_dot),
      w_dot({2, out, n_in}, c.w_dot), d_y({2, r, out}, c.d_y), d_y_dot({2, r, out}, c.d_y_dot);
  const Vector before = random_vector(2 * r * n_in, 21, 8);
  const T3 d_x({2, r, n_in}, before), d_x_dot({2, r, n_in}, before);
  const linear::Inputs<Scalar> in{x.in(), w.in()};
  linear::vjp(space, linear::VjpArguments<Scalar>{
                         in, d_y.in(), {d_x.out(), {}, {}, linear::Write::accumulate}});
  linear::hvp(space,
              linear::HvpArguments<Scalar>{in,
                                           d_y.in(),
                                           {x_dot.in(), w_dot.in()},
                                           d_y_dot.in(),
                                           {d_x_dot.out(), {}, {}, linear::Write::accumulate}});
  const Results alone = linear_results<Space, Scalar>(c);
  CHECK(d_x.values() == combine(1, before, 1, alone.at("d_x")));
  CHECK(d_x_dot.values() == combine(1, before, 1, alone.at("d_x_dot")));
}

TEST_CASE_TEMPLATE("linear: accumulate adds to the cotangent of x", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  check_accumulate<typename Place::Space, typename Place::Scalar>(33, 20, 70);
  check_accumulate<typename Place::Space, typename Place::Scalar>(70, 36, 64);  // of warpgroups
}

template <class Space, class Scalar>
void check_shared_weights(std::size_t r, std::size_t n_in, std::size_t out) {
  const Space space{};
  LinearCase c = exact_case(3, r, n_in, out);
  const auto repeat = [](Vector& all) {
    const std::size_t one = all.size() / 3;
    for (std::size_t e = one; e < all.size(); ++e) all[e] = all[e % one];
  };
  repeat(c.w);
  repeat(c.b);
  repeat(c.w_dot);
  using T3 = DeviceTensor<Space, Scalar, 3>;
  const T3 x({3, r, n_in}, c.x), w({3, out, n_in}, c.w), x_dot({3, r, n_in}, c.x_dot),
      w_dot({3, out, n_in}, c.w_dot), d_y({3, r, out}, c.d_y), d_y_dot({3, r, out}, c.d_y_dot);
  const DeviceTensor<Space, Scalar, 2> b({3, out}, c.b);
  const T3 y({3, r, out}), y_dot({3, r, out}), d_x({3, r, n_in}), d_x_dot({3, r, n_in}),
      d_w_dot({3, out, n_in});
  const linear::Inputs<Scalar> in{x.in(), w.shared_by(3), b.shared_by(3)};
  const linear::Tangents<Scalar> dot{x_dot.in(), w_dot.shared_by(3)};
  linear::forward(space, linear::ForwardArguments<Scalar>{in, y.out()});
  linear::jvp(space, linear::JvpArguments<Scalar>{in, dot, y_dot.out()});
  linear::vjp(space, linear::VjpArguments<Scalar>{in, d_y.in(), {d_x.out()}});
  linear::hvp(space, linear::HvpArguments<Scalar>{
                         in, d_y.in(), dot, d_y_dot.in(), {d_x_dot.out(), d_w_dot.out()}});
  c.b_dot.assign(c.b_dot.size(), 0);
  const Results own = linear_results<Space, Scalar>(c);
  CHECK(same_bits(y.values(), own.at("y")));
  CHECK(same_bits(y_dot.values(), own.at("y_dot")));
  CHECK(same_bits(d_x.values(), own.at("d_x")));
  CHECK(same_bits(d_x_dot.values(), own.at("d_x_dot")));
  CHECK(same_bits(d_w_dot.values(), own.at("d_w_dot")));
}

TEST_CASE_TEMPLATE("linear: weights shared by stride 0 act as copies", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  check_shared_weights<typename Place::Space, typename Place::Scalar>(10, 40, 35);
  check_shared_weights<typename Place::Space, typename Place::Scalar>(70, 40, 36);  // of warpgroups
}

TEST_CASE_TEMPLATE("linear: a task's results do not depend on the other tasks", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Space = typename Place::Space;
  using Scalar = typename Place::Scalar;
  for (const auto& [r, in, out] :
       {std::array<std::size_t, 3>{7, 33, 9}, {130, 72, 132}}) {  // the second of warpgroups
    LinearCase all = exact_case(3, r, in, out), one = exact_case(1, r, in, out);
    for (auto member :
         {&LinearCase::x, &LinearCase::w, &LinearCase::b, &LinearCase::x_dot, &LinearCase::w_dot,
          &LinearCase::b_dot, &LinearCase::d_y, &LinearCase::d_y_dot}) {
      const Vector fine = random_vector((all.*member).size(), 40 + (all.*member).size());
      all.*member = fine;  // rounded at every step: the order of the sums shows
      (one.*member)
          .assign(fine.begin() + static_cast<std::ptrdiff_t>(fine.size() / 3),
                  fine.begin() + static_cast<std::ptrdiff_t>(2 * fine.size() / 3));
    }
    const Results together = linear_results<Space, Scalar>(all);
    for (const auto& [name, values] : linear_results<Space, Scalar>(one)) {
      INFO(name);
      const auto start = together.at(name).begin() + static_cast<std::ptrdiff_t>(values.size());
      CHECK(same_bits(Vector(start, start + static_cast<std::ptrdiff_t>(values.size())), values));
    }
  }
}

template <class Space, class Scalar>
void check_parts(std::size_t r, std::size_t n_in, std::size_t out) {
  const Space space{};
  const LinearCase c = exact_case(2, r, n_in, out);
  using T3 = DeviceTensor<Space, Scalar, 3>;
  using T1 = DeviceTensor<Space, Scalar, 1>;
  const T3 x({2, r, n_in}, c.x), x_dot({2, r, n_in}, c.x_dot), d_y({2, r, out}, c.d_y),
      d_y_dot({2, r, out}, c.d_y_dot);
  // Weights one number past where memory begins, as a vector of parameters may have them.
  const auto moved_by_one = [](const Vector& values) {
    Vector all{0};
    all.insert(all.end(), values.begin(), values.end());
    return T1({all.size()}, all);
  };
  const T1 w_room = moved_by_one(c.w), w_dot_room = moved_by_one(c.w_dot);
  const auto weights = [&](const T1& room) {
    Array<const Scalar, 3> w = T3({2, out, n_in}).in();
    w.data = room.in().data + 1;
    return w;
  };
  const linear::Inputs<Scalar> in{x.in(), weights(w_room)};
  const auto jvp = [&](const linear::Tangents<Scalar>& dot) {
    const T3 y_dot({2, r, out});
    linear::jvp(space, linear::JvpArguments<Scalar>{in, dot, y_dot.out()});
    return y_dot.values();
  };
  const auto hvp = [&](const linear::Tangents<Scalar>& dot) {
    const T3 d_x_dot({2, r, n_in}), d_w_dot({2, out, n_in});
    linear::hvp(space, linear::HvpArguments<Scalar>{
                           in, d_y.in(), dot, d_y_dot.in(), {d_x_dot.out(), d_w_dot.out()}});
    return std::pair{d_x_dot.values(), d_w_dot.values()};
  };
  const linear::Tangents<Scalar> by_x{x_dot.in()}, by_w{{}, weights(w_dot_room)},
      both{x_dot.in(), weights(w_dot_room)};
  LinearCase no_bias = c;
  no_bias.b_dot.assign(c.b_dot.size(), 0);
  const Results expected = linear_results<Space, Scalar>(no_bias);
  CHECK(jvp(both) == expected.at("y_dot"));
  CHECK(combine(1, jvp(by_x), 1, jvp(by_w)) == expected.at("y_dot"));
  const auto [x_of_both, w_of_both] = hvp(both);
  CHECK(x_of_both == expected.at("d_x_dot"));
  CHECK(w_of_both == expected.at("d_w_dot"));
  // dẋ has a term with Ẇ, dẆ one with ẋ.
  CHECK(hvp(by_w).first == x_of_both);
  CHECK(hvp(by_x).second == w_of_both);
}

TEST_CASE_TEMPLATE("linear: tangents that are missing, weights aligned to one number", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  check_parts<typename Place::Space, typename Place::Scalar>(9, 12, 7);
  check_parts<typename Place::Space, typename Place::Scalar>(70, 40, 68);  // of warpgroups
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
// Rows that see no key, and numbers that no result may depend on.
#include <doctest/doctest.h>

#include <limits>

#include "kernels/sdpa/problem.hpp"
#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "src/check/properties.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/specials.hpp"

namespace theria::test {

inline std::vector<double>& numbers(SdpaCall& call, const std::string& name) {
  return std::get<std::vector<double>>(call.inputs.at(name).values);
}

/// Whether row i of batch element b sees a key, by shape, causality and lengths.
inline bool sees(const SdpaCall& call, std::size_t b, std::size_t i) {
  const auto tq = static_cast<int>(call.inputs.at("q").shape[2]);
  const auto tk = static_cast<int>(call.inputs.at("k").shape[2]);
  const int length = call.key_lengths ? static_cast<int>((*call.key_lengths)[b]) : tk;
  return sdpa::Visibility{tq, tk, call.causal, length}.limit(static_cast<int>(i)) > 0;
}

/// Calls use(flat index of the row (b,h,i), whether it sees a key).
template <class Function>
void for_each_row(const SdpaCall& call, const Function& use) {
  const auto& q = call.inputs.at("q").shape;
  std::size_t row = 0;
  for (std::size_t b = 0; b < q[0]; ++b)
    for (std::size_t h = 0; h < q[1]; ++h)
      for (std::size_t i = 0; i < q[2]; ++i) use(row++, sees(call, b, i));
}

/// NaN in q, d_o and their tangents in the rows that see nothing.
inline SdpaCall poisoned_rows(SdpaCall call) {
  for (const char* name : {"q", "d_o", "q_dot", "d_o_dot"}) {
    const std::size_t width = call.inputs.at(name).shape[3];
    for_each_row(call, [&](std::size_t row, bool seen) {
      for (std::size_t d = 0; !seen && d < width; ++d) numbers(call, name)[row * width + d] = nan;
    });
  }
  return call;
}

/// Cases with rows that see nothing: causal with more rows than keys, a length of 0, both.
const SdpaCase blind_cases[] = {
    {.b = 1, .h = 2, .tq = 75, .tk = 20, .d = 6, .dv = 4, .causal = true},
    {.b = 3, .h = 1, .tq = 34, .tk = 66, .d = 6, .dv = 4, .key_lengths = true},
    {.b = 3,
     .h = 2,
     .tq = 45,
     .tk = 40,
     .d = 6,
     .dv = 4,
     .causal = true,
     .key_lengths = true,
     .bias = BiasKind::full},
    {.b = 1, .h = 1, .tq = 3, .tk = 0, .d = 6, .dv = 4},
};

inline void check_blind_rows(const SdpaCall& call, const std::string& name, const Tensor& tensor) {
  const bool row_result = name == "o" || name == "o_dot" || name == "d_q" || name == "d_q_dot" ||
                          name == "lse" || name == "lse_dot";
  if (!row_result) return;
  const auto values = values_of(tensor);
  const double wanted = name == "lse" ? -infinity : 0;
  const std::size_t width = tensor.shape.size() == 4 ? tensor.shape[3] : 1;
  for_each_row(call, [&](std::size_t row, bool seen) {
    for (std::size_t d = 0; !seen && d < width; ++d) REQUIRE(values[row * width + d] == wanted);
  });
}

TEST_CASE_TEMPLATE("sdpa: rows that see nothing give zeros and -inf, and no NaN gets out", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const SdpaCase& c : blind_cases)
    for (const SdpaOperator operation : every_operator) {
      SdpaCall call = make_call(c, operation, precision_of<typename Place::Scalar>());
      call.backend = backend_of<typename Place::Space>();
      const TensorSet clean = apply_sdpa(call);
      const TensorSet poisoned = apply_sdpa(poisoned_rows(call));
      for (const auto& [name, tensor] : clean) {
        INFO(operation_name(operation), " ", name, " at ", c.text());
        for (const double x : values_of(tensor)) REQUIRE_FALSE(std::isnan(x));
        check_blind_rows(call, name, tensor);
        CHECK(same_bits(values_of(poisoned.at(name)), values_of(tensor)));
      }
    }
}

TEST_CASE_TEMPLATE("sdpa: a row that the bias masks whole gives zeros, and its keys nothing", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  const SdpaCase c{
      .b = 1, .h = 2, .tq = 34, .tk = 36, .d = 6, .dv = 4, .bias = BiasKind::over_heads};
  const std::size_t masked_row = 33;
  for (const SdpaOperator operation : every_operator) {
    SdpaCall call = make_call(c, operation, precision_of<typename Place::Scalar>());
    call.backend = backend_of<typename Place::Space>();
    for (std::size_t j = 0; j < 36; ++j) numbers(call, "bias")[masked_row * 36 + j] = -infinity;
    for (const auto& [name, tensor] : apply_sdpa(call)) {
      INFO(operation_name(operation), " ", name);
      const auto values = values_of(tensor);
      for (const double x : values) REQUIRE_FALSE(std::isnan(x));
      if (tensor.shape[2] != 34) continue;
      const std::size_t width = tensor.shape.size() == 4 ? tensor.shape[3] : 1;
      for (std::size_t bh = 0; bh < values.size() / (34 * width); ++bh)
        for (std::size_t d = 0; d < width; ++d)
          REQUIRE(values[(bh * 34 + masked_row) * width + d] == (name == "lse" ? -infinity : 0));
    }
  }
}

TEST_CASE_TEMPLATE("sdpa: what lies beyond the key lengths is not read", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  // make_call puts NaN there; here it becomes something else.
  const SdpaCase c{.b = 3,
                   .h = 2,
                   .tq = 34,
                   .tk = 66,
                   .d = 6,
                   .dv = 4,
                   .key_lengths = true,
                   .bias = BiasKind::full};
  for (const SdpaOperator operation : every_operator) {
    SdpaCall poisoned = make_call(c, operation, precision_of<typename Place::Scalar>());
    poisoned.backend = backend_of<typename Place::Space>();
    SdpaCall clean = poisoned;
    for (const char* name : {"k", "v", "k_dot", "v_dot"})
      for (double& x : numbers(clean, name)) x = std::isnan(x) ? 1e30 : x;
    // The bias and its tangent too.
    for (const char* name : {"bias", "bias_dot"})
      for (std::size_t n = 0; n < numbers(poisoned, name).size(); ++n)
        if (static_cast<std::int64_t>(n % 66) >= (*poisoned.key_lengths)[n / (2 * 34 * 66)])
          numbers(poisoned, name)[n] = nan;
    const TensorSet given = apply_sdpa(poisoned);
    for (const auto& [name, tensor] : apply_sdpa(clean)) {
      INFO(operation_name(operation), " ", name);
      CHECK(same_bits(values_of(given.at(name)), values_of(tensor)));
    }
  }
}

TEST_CASE_TEMPLATE("sdpa: nothing is left of the call before, in no team's scratch", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  using Scalar = typename Place::Scalar;
  for (const SdpaCase& c : sdpa_cases()) {
    if (!c.key_lengths && !c.causal) continue;
    // More heads than threads, so that each leaves NaN behind.
    SdpaCase before{.b = 64, .h = 4, .tq = 66, .tk = 66, .d = c.d, .dv = c.dv};
    SdpaCall poison = make_call(before, SdpaOperator::hvp, precision_of<Scalar>());
    for (const char* name : {"q", "k", "v", "d_o", "q_dot", "k_dot", "v_dot", "d_o_dot"})
      for (double& x : numbers(poison, name)) x = nan;
    poison.backend = backend_of<typename Place::Space>();
    apply_sdpa(poison);
    for (const SdpaOperator operation : every_operator) {
      SdpaCall call = make_call(c, operation, precision_of<Scalar>());
      call.backend = backend_of<typename Place::Space>();
      for (const auto& [name, tensor] : apply_sdpa(call)) {
        INFO(operation_name(operation), " ", name, " at ", c.text());
        for (const double x : values_of(tensor)) REQUIRE_FALSE(std::isnan(x));
      }
    }
  }
}

TEST_CASE_TEMPLATE("sdpa: key lengths are taken as between 0 and Tk", Space, THERIA_TEST_SPACES) {
  const SdpaCase c{.b = 2, .h = 1, .tq = 4, .tk = 5, .d = 3, .dv = 3};
  SdpaCall call = make_call(c, SdpaOperator::hvp, Precision::float64);
  call.backend = backend_of<Space>();
  call.key_lengths = std::vector<std::int64_t>{5, 0};
  const TensorSet within = apply_sdpa(call);
  call.key_lengths = std::vector<std::int64_t>{1LL << 40, -7};
  CHECK(differing(within, apply_sdpa(call)) == 0);
}

}  // namespace theria::test

// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "src/check/cases.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/specials.hpp"

namespace theria::test {

using Call = BoundCall<double>;

/// A call that is right until `spoil` has been at it, and what the operator says then.
struct Refusal {
  SdpaOperator operation;
  std::function<void(Call&)> spoil;
  const char* message;
};

/// B 2, H 3, Tq 4, Tk 5, D 6, Dv 7, a bias of (1,3,4,5).
const SdpaCase refused_case{.b = 2,
                            .h = 3,
                            .tq = 4,
                            .tk = 5,
                            .d = 6,
                            .dv = 7,
                            .key_lengths = true,
                            .bias = BiasKind::over_batch};

template <class T, int Rank>
void resize(Array<T, Rank>& array, int axis, std::int64_t extent) {
  array.extent[static_cast<std::size_t>(axis)] = extent;
}

/// Points an output at an input's memory.
template <class T, int Rank>
T* memory_of(const Array<const T, Rank>& input) {
  return const_cast<T*>(input.data);
}

const std::vector<Refusal>& missing_tensors() {
  using enum SdpaOperator;
  static const std::vector<Refusal> rows = {
      {forward, [](Call& c) { c.in.q = {}; }, "sdpa.forward: q is required"},
      {forward, [](Call& c) { c.in.k = {}; }, "sdpa.forward: k is required"},
      {vjp, [](Call& c) { c.in.v = {}; }, "sdpa.vjp: v is required"},
      {vjp, [](Call& c) { c.saved.o = {}; }, "sdpa.vjp: o is required"},
      {vjp, [](Call& c) { c.saved.lse = {}; }, "sdpa.vjp: lse is required"},
      {vjp, [](Call& c) { c.d_o = {}; }, "sdpa.vjp: d_o is required"},
      {jvp, [](Call& c) { c.in.q = {}; }, "sdpa.jvp: q is required"},
      {hvp, [](Call& c) { c.d_o = {}; }, "sdpa.hvp: d_o is required"},
      {jvp_vjp, [](Call& c) { c.d_o_dot = {}; }, "sdpa.jvp_vjp: d_o_dot is required"},
      {jvp, [](Call& c) { c.in.bias = {}; }, "sdpa.jvp: bias_dot is given, bias is not"},
      {vjp, [](Call& c) { c.in.bias = {}; }, "sdpa.vjp: d_bias is wanted, bias is not given"},
      {hvp, [](Call& c) { c.in.bias = c.dot.bias = {}; },
       "sdpa.hvp: d_bias is wanted, bias is not given"},
      {hvp, [](Call& c) { c.in.bias = c.dot.bias = {}, c.d.bias = {}; },
       "sdpa.hvp: d_bias_dot is wanted, bias is not given"},
  };
  return rows;
}

const std::vector<Refusal>& wrong_extents() {
  using enum SdpaOperator;
  static const std::vector<Refusal> rows = {
      {forward, [](Call& c) { resize(c.in.q, 3, 0), resize(c.in.k, 3, 0); },
       "sdpa.forward: D = 0, expected 1 to 256"},
      {jvp, [](Call& c) { resize(c.in.q, 3, 257), resize(c.in.k, 3, 257); },
       "sdpa.jvp: D = 257, expected 1 to 256"},
      {vjp, [](Call& c) { resize(c.in.v, 3, 0); }, "sdpa.vjp: Dv = 0, expected 1 to 256"},
      {hvp, [](Call& c) { resize(c.in.v, 3, 257); }, "sdpa.hvp: Dv = 257, expected 1 to 256"},
      {forward, [](Call& c) { resize(c.in.k, 3, 5); },
       "sdpa.forward: k has extents (2,3,5,5), expected (b,h,j,d) = (2,3,5,6)"},
      {forward, [](Call& c) { resize(c.in.k, 0, 1); },
       "sdpa.forward: k has extents (1,3,5,6), expected (b,h,j,d) = (2,3,5,6)"},
      {forward, [](Call& c) { resize(c.in.v, 2, 4); },
       "sdpa.forward: v has extents (2,3,4,7), expected (b,h,j,dv) = (2,3,5,7)"},
      {forward, [](Call& c) { resize(c.in.v, 1, 1); },
       "sdpa.forward: v has extents (2,1,5,7), expected (b,h,j,dv) = (2,3,5,7)"},
      {forward, [](Call& c) { resize(c.in.key_lengths, 0, 3); },
       "sdpa.forward: key_lengths has extents (3), expected (b) = (2)"},
      {forward, [](Call& c) { resize(c.in.bias, 0, 3); },
       "sdpa.forward: bias has extents (3,3,4,5), expected (b|1,h|1,i,j) = (2|1,3|1,4,5)"},
      {jvp, [](Call& c) { resize(c.in.bias, 1, 2); },
       "sdpa.jvp: bias has extents (1,2,4,5), expected (b|1,h|1,i,j) = (2|1,3|1,4,5)"},
      {hvp, [](Call& c) { resize(c.in.bias, 2, 1); },
       "sdpa.hvp: bias has extents (1,3,1,5), expected (b|1,h|1,i,j) = (2|1,3|1,4,5)"},
      {vjp, [](Call& c) { resize(c.in.bias, 3, 4); },
       "sdpa.vjp: bias has extents (1,3,4,4), expected (b|1,h|1,i,j) = (2|1,3|1,4,5)"},
      {forward, [](Call& c) { resize(c.out.o, 3, 6); },
       "sdpa.forward: o has extents (2,3,4,6), expected (b,h,i,dv) = (2,3,4,7)"},
      {forward, [](Call& c) { resize(c.out.lse, 2, 5); },
       "sdpa.forward: lse has extents (2,3,5), expected (b,h,i) = (2,3,4)"},
      {jvp, [](Call& c) { resize(c.dot.q, 2, 3); },
       "sdpa.jvp: q_dot has extents (2,3,3,6), expected (b,h,i,d) = (2,3,4,6)"},
      {jvp, [](Call& c) { resize(c.dot.bias, 0, 2); },
       "sdpa.jvp: bias_dot has extents (2,3,4,5), expected the bias's extents = (1,3,4,5)"},
      {jvp, [](Call& c) { resize(c.out_dot.lse, 0, 1); },
       "sdpa.jvp: lse_dot has extents (1,3,4), expected (b,h,i) = (2,3,4)"},
      {vjp, [](Call& c) { resize(c.saved.o, 3, 6); },
       "sdpa.vjp: o has extents (2,3,4,6), expected (b,h,i,dv) = (2,3,4,7)"},
      {vjp, [](Call& c) { resize(c.d_o, 2, 5); },
       "sdpa.vjp: d_o has extents (2,3,5,7), expected (b,h,i,dv) = (2,3,4,7)"},
      {vjp, [](Call& c) { resize(c.d.k, 2, 4); },
       "sdpa.vjp: d_k has extents (2,3,4,6), expected (b,h,j,d) = (2,3,5,6)"},
      {hvp, [](Call& c) { resize(c.d_o_dot, 3, 1); },
       "sdpa.hvp: d_o_dot has extents (2,3,4,1), expected (b,h,i,dv) = (2,3,4,7)"},
      {hvp, [](Call& c) { resize(c.d_dot.v, 3, 6); },
       "sdpa.hvp: d_v_dot has extents (2,3,5,6), expected (b,h,j,dv) = (2,3,5,7)"},
      {jvp_vjp, [](Call& c) { resize(c.d.bias, 0, 2); },
       "sdpa.jvp_vjp: d_bias has extents (2,3,4,5), expected the bias's extents = (1,3,4,5)"},
      {jvp_vjp, [](Call& c) { resize(c.d_o, 0, 1); },
       "sdpa.jvp_vjp: d_o has extents (1,3,4,7), expected (b,h,i,dv) = (2,3,4,7)"},
  };
  return rows;
}

const std::vector<Refusal>& wrong_scales_and_memory() {
  using enum SdpaOperator;
  static const std::vector<Refusal> rows = {
      {forward, [](Call& c) { c.options.scale = std::nan(""); },
       "sdpa.forward: the scale is not finite"},
      {jvp_vjp, [](Call& c) { c.options.scale = -infinity; },
       "sdpa.jvp_vjp: the scale is not finite"},
      {forward, [](Call& c) { c.out.o.data = memory_of(c.in.q); },
       "sdpa.forward: output o overlaps input q; give it memory of its own"},
      {forward, [](Call& c) { c.out.lse.data = memory_of(c.in.bias); },
       "sdpa.forward: output lse overlaps input bias; give it memory of its own"},
      {forward, [](Call& c) { c.out.lse.data = c.out.o.data + 167; },
       "sdpa.forward: output o overlaps output lse; give it memory of its own"},
      {forward, [](Call& c) { c.out.o.stride[1] = 0; }, "sdpa.forward: output o overlaps itself"},
      {forward, [](Call& c) { c.out.o.stride[2] = 6; }, "sdpa.forward: output o overlaps itself"},
      {vjp, [](Call& c) { c.d.q.data = memory_of(c.d_o); },
       "sdpa.vjp: output d_q overlaps input d_o; give it memory of its own"},
      {vjp, [](Call& c) { c.d.q.data = memory_of(c.saved.o); },
       "sdpa.vjp: output d_q overlaps input o; give it memory of its own"},
      {vjp, [](Call& c) { c.d.k.data = c.d.q.data; },
       "sdpa.vjp: output d_q overlaps output d_k; give it memory of its own"},
      {vjp, [](Call& c) { c.d.bias.stride[3] = 0; }, "sdpa.vjp: output d_bias overlaps itself"},
      {jvp, [](Call& c) { c.out_dot.o.data = c.out.o.data; },
       "sdpa.jvp: output o overlaps output o_dot; give it memory of its own"},
      {jvp, [](Call& c) { c.out_dot.o.data = memory_of(c.dot.v); },
       "sdpa.jvp: output o_dot overlaps input v_dot; give it memory of its own"},
      {hvp, [](Call& c) { c.d_dot.q.data = memory_of(c.dot.q); },
       "sdpa.hvp: output d_q_dot overlaps input q_dot; give it memory of its own"},
      {hvp, [](Call& c) { c.d_dot.k.data = c.d.k.data; },
       "sdpa.hvp: output d_k overlaps output d_k_dot; give it memory of its own"},
      {jvp_vjp, [](Call& c) { c.d.q.data = memory_of(c.d_o_dot); },
       "sdpa.jvp_vjp: output d_q overlaps input d_o_dot; give it memory of its own"},
  };
  return rows;
}

/// What the operators say to the spoilt calls; nothing where they take them.
template <class Space>
void check_answers(const std::vector<Refusal>& rows) {
  const SdpaCall call = make_call(refused_case, SdpaOperator::hvp, Precision::float64);
  Marshal<Space, double> data(call);
  const Call right = bind(call, data);
  Workspace<Space> workspace;
  for (const Refusal& row : rows) {
    Call spoilt = right;
    row.spoil(spoilt);
    std::string answer;
    try {
      run(row.operation, spoilt, workspace);
    } catch (const UserError& error) {
      answer = error.what();
    }
    CHECK(answer == std::string(row.message));
  }
}

TEST_CASE_TEMPLATE("sdpa refuses a call without a required tensor", Space, THERIA_TEST_SPACES) {
  check_answers<Space>(missing_tensors());
}
TEST_CASE_TEMPLATE("sdpa refuses extents that do not fit", Space, THERIA_TEST_SPACES) {
  check_answers<Space>(wrong_extents());
}
TEST_CASE_TEMPLATE("sdpa refuses other scales than finite ones, and overlapping outputs", Space,
                   THERIA_TEST_SPACES) {
  check_answers<Space>(wrong_scales_and_memory());
}

TEST_CASE_TEMPLATE("sdpa takes the call that the tables spoil", Space, THERIA_TEST_SPACES) {
  for (const SdpaOperator operation : every_operator)
    check_answers<Space>({{operation, [](Call&) {}, ""}});
}

TEST_CASE_TEMPLATE("sdpa lets inputs share memory", Space, THERIA_TEST_SPACES) {
  const auto share = [](Call& c) {
    c.dot.q = c.in.q;
    c.dot.v = c.in.v;
    c.d_o_dot = c.d_o;
  };
  for (const SdpaOperator operation : every_operator)
    check_answers<Space>({{operation, share, ""}});
}

}  // namespace theria::test

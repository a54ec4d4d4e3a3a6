// SPDX-License-Identifier: Apache-2.0
// What `theria apply` refuses before any work starts, each with its words.
#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "src/apply/apply.hpp"
#include "src/apply/load.hpp"
#include "src/apply/operators.hpp"
#include "src/core/error.hpp"
#include "tests/apply/made_inputs.hpp"
#include "tests/io/temporary_folder.hpp"
#include "tests/support/specials.hpp"

namespace theria {

namespace {

using test::infinity;
using test::MadeInputs;
using test::nan;
using enum SdpaOperator;

struct Refusal {
  const char* what;
  SdpaOperator operation;
  bool causal;
  std::function<void(MadeInputs&)> spoil;
  std::string message;  // after "<path>: "; empty: accepted
};

const Refusal values[] = {
    {"q NaN", forward, false, [](auto& in) { in.set("q", 47, nan); },
     "/q(1,2,3,1) is nan in float32; accepted: finite numbers where they are read"},
    {"k too large for the precision", forward, false, [](auto& in) { in.set("k", 0, 1e300); },
     "/k(0,0,0,0) is inf in float32; accepted: finite numbers where they are read"},
    {"v infinite beyond the length", forward, false,
     [](auto& in) {
       in.key_lengths = {4, 5};
       in.set("v", 14, infinity);
     },
     ""},
    {"v infinite within the length", forward, false,
     [](auto& in) {
       in.key_lengths = {5, 4};
       in.set("v", 14, -infinity);
     },
     "/v(0,0,4,2) is -inf in float32; accepted: finite numbers where they are read"},
    {"q NaN in an entry without keys", forward, false,
     [](auto& in) {
       in.key_lengths = {5, 0};
       in.set("q", 24, nan);
     },
     ""},
    {"q NaN in a row that sees nothing, causal", forward, true,
     [](auto& in) {
       in.fill("k", {2, 3, 3, 2}).fill("v", {2, 3, 3, 3});
       in.set("q", 0, nan);
     },
     ""},
    {"q NaN in the first row that sees a key, causal", forward, true,
     [](auto& in) {
       in.fill("k", {2, 3, 3, 2}).fill("v", {2, 3, 3, 3});
       in.set("q", 2, nan);
     },
     "/q(0,0,1,0) is nan in float32; accepted: finite numbers where they are read"},
    {"the last key NaN, causal", forward, true, [](auto& in) { in.set("k", 9, nan); },
     "/k(0,0,4,1) is nan in float32; accepted: finite numbers where they are read"},
    {"keys NaN without a query", forward, false,
     [](auto& in) {
       in.fill("q", {2, 3, 0, 2}).set("k", 0, nan);
     },
     ""},
    {"bias -inf", forward, false,
     [](auto& in) {
       in.fill("bias", {2, 1, 4, 5}).set("bias", 3, -infinity);
     },
     ""},
    {"bias +inf", forward, false,
     [](auto& in) {
       in.fill("bias", {2, 1, 4, 5}).set("bias", 23, infinity);
     },
     "/bias(1,0,0,3) is inf in float32; accepted: finite numbers and -inf, which masks, where they "
     "are read"},
    {"bias NaN where causal hides it", forward, true,
     [](auto& in) {
       in.fill("bias", {1, 1, 4, 5}).set("bias", 2, nan);
     },
     ""},
    {"bias of all entries NaN where one of them sees it", forward, false,
     [](auto& in) {
       in.key_lengths = {2, 3};
       in.fill("bias", {1, 1, 4, 5}).set("bias", 2, nan);
     },
     "/bias(0,0,0,2) is nan in float32; accepted: finite numbers and -inf, which masks, where they "
     "are read"},
    {"bias of all entries NaN where none sees it", forward, false,
     [](auto& in) {
       in.key_lengths = {2, 3};
       in.fill("bias", {1, 1, 4, 5}).set("bias", 3, nan);
     },
     ""},
    {"tangent of the bias NaN under a mask", jvp, false,
     [](auto& in) {
       in.fill("bias", {1, 1, 4, 5}).set("bias", 7, -infinity);
       in.fill("bias_dot", {1, 1, 4, 5}).set("bias_dot", 7, nan);
     },
     ""},
    {"tangent of the bias -inf", jvp, false,
     [](auto& in) {
       in.fill("bias_dot", {1, 1, 4, 5}).set("bias_dot", 7, -infinity);
     },
     "/bias_dot(0,0,1,2) is -inf in float32; accepted: finite numbers where they are read"},
    {"cotangent NaN", vjp, false,
     [](auto& in) {
       in.fill("d_o", {2, 3, 4, 3}).set("d_o", 13, nan);
     },
     "/d_o(0,1,0,1) is nan in float32; accepted: finite numbers where they are read"},
    {"cotangent NaN that the operator does not read", jvp, false,
     [](auto& in) {
       in.fill("d_o", {2, 3, 4, 3}).set("d_o", 13, nan);
     },
     ""},
};

const Refusal shapes[] = {
    {"no v", forward, false, [](auto& in) { in.tensors.erase("v"); },
     "data set /v is missing; sdpa.forward needs q, k, v"},
    {"no cotangent", hvp, false, [](auto&) {},
     "data set /d_o is missing; sdpa.hvp needs q, k, v, d_o"},
    {"a cotangent that no operator takes", vjp, false,
     [](auto& in) {
       in.fill("d_o", {2, 3, 4, 3}).fill("d_lse", {2, 3, 4});
     },
     "/d_lse is nothing that sdpa.vjp differentiates or takes; it reads q, k, v, d_o, and where "
     "present bias, key_lengths"},
    {"a mask under another name", forward, false,
     [](auto& in) {
       in.fill("mask", {4, 5});
     },
     "/mask is nothing that sdpa.forward differentiates or takes; it reads q, k, v, and where "
     "present bias, key_lengths"},
    {"q of three axes", forward, false,
     [](auto& in) {
       in.fill("q", {6, 4, 2});
     },
     "/q has shape (6,4,2); accepted: 4 axes"},
    {"k of another width", forward, false,
     [](auto& in) {
       in.fill("k", {2, 3, 5, 4});
     },
     "/k has shape (2,3,5,4); accepted: (2,3,5,2) = (b,h,j,d), by q, k and v"},
    {"v of fewer keys", forward, false,
     [](auto& in) {
       in.fill("v", {2, 3, 4, 3});
     },
     "/v has shape (2,3,4,3); accepted: (2,3,5,3) = (b,h,j,dv), by q, k and v"},
    {"other heads", forward, false,
     [](auto& in) {
       in.fill("k", {2, 1, 5, 2});
     },
     "/k has shape (2,1,5,2); accepted: (2,3,5,2) = (b,h,j,d), by q, k and v"},
    {"a bias that does not broadcast", forward, false,
     [](auto& in) {
       in.fill("bias", {2, 2, 4, 5});
     },
     "/bias has shape (2,2,4,5); accepted: (2 or 1,3 or 1,4,5) = (B,H,i,j), by q, k and v"},
    {"a tangent of another shape than its bias", jvp, false,
     [](auto& in) {
       in.fill("bias", {1, 3, 4, 5}).fill("bias_dot", {2, 3, 4, 5});
     },
     "/bias_dot has shape (2,3,4,5); accepted: (1,3,4,5), the shape of /bias"},
    {"no batch", forward, false,
     [](auto& in) {
       in.fill("q", {0, 3, 4, 2});
     },
     "/q has b = 0; accepted: 1 to 2147483647"},
    {"too wide", forward, false,
     [](auto& in) {
       in.fill("q", {2, 3, 4, 257}).fill("k", {2, 3, 5, 257});
     },
     "/q has d = 257; accepted: 1 to 256"},
    {"no width", forward, false,
     [](auto& in) {
       in.fill("v", {2, 3, 5, 0});
     },
     "/v has dv = 0; accepted: 1 to 256"},
    {"too few lengths", forward, false, [](auto& in) { in.key_lengths = {5}; },
     "/key_lengths has 1 values; accepted: 2, one a batch entry"},
    {"a length beyond the keys", forward, false,
     [](auto& in) {
       in.key_lengths = {5, 6};
     },
     "/key_lengths(1) is 6; accepted: 0 to 5, the number of keys"},
    {"a length below zero", forward, false,
     [](auto& in) {
       in.key_lengths = {-1, 5};
     },
     "/key_lengths(0) is -1; accepted: 0 to 5, the number of keys"},
    {"lengths that are no integers", forward, false, [](auto& in) { in.fill("key_lengths", {2}); },
     "/key_lengths holds float64 values; accepted: integers"},
};

void check(const Refusal& row) {
  CAPTURE(row.what);
  const test::TemporaryFolder folder;
  const auto path = folder / "in.h5";
  MadeInputs made;
  row.spoil(made);
  made.write(path);
  std::string message;
  try {
    load_call({.operation = row.operation,
               .input = path,
               .precision = Precision::float32,
               .causal = row.causal});
  } catch (const UserError& error) {
    message = error.what();
  }
  CHECK(message == (row.message.empty() ? "" : path + ": " + row.message));
}

}  // namespace

TEST_CASE("a value that is not finite is refused only where it is read") {
  for (const auto& row : values) check(row);
}

TEST_CASE("inputs that do not fit together are refused") {
  for (const auto& row : shapes) check(row);
}

TEST_CASE("all faults of a file are told at once, one a line") {
  const test::TemporaryFolder folder;
  const auto path = folder / "in.h5";
  MadeInputs made;
  made.fill("mask", {4, 5}).fill("k", {2, 3, 5, 4}).fill("bias", {2, 2, 4, 5});
  made.fill("q_dot", {6, 4, 2}).fill("bias_dot", {1, 3, 4, 5});
  made.set("bias_dot", 2, nan).set("q", 0, nan).set("q", 1, nan).set("v", 14, infinity);
  made.key_lengths = {4, 6};
  const auto message = [&](SdpaOperator operation) {
    made.write(path);
    std::string text;
    try {
      load_call({.operation = operation, .input = path});
    } catch (const UserError& error) {
      text = error.what();
    }
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path)) {
      text.replace(at, path.size(), "in.h5");
    }
    return text;
  };
  // v(0,0,4,2) is beyond the length, and a bias of another shape hides what its tangent may hold.
  CHECK(
      message(hvp) ==
      "in.h5: /mask is nothing that sdpa.hvp differentiates or takes; it reads q, k, v, d_o, and "
      "where present q_dot, k_dot, v_dot, d_o_dot, bias, bias_dot, key_lengths\n"
      "in.h5: data set /d_o is missing; sdpa.hvp needs q, k, v, d_o\n"
      "in.h5: /q_dot has shape (6,4,2); accepted: 4 axes\n"
      "in.h5: /bias has shape (2,2,4,5); accepted: (2 or 1,3 or 1,4,5) = (B,H,i,j), by q, k and v\n"
      "in.h5: /k has shape (2,3,5,4); accepted: (2,3,5,2) = (b,h,j,d), by q, k and v\n"
      "in.h5: /key_lengths(1) is 6; accepted: 0 to 5, the number of keys\n"
      "in.h5: /q(0,0,0,0) is nan in float64; accepted: finite numbers where they are read");
  made = {};
  made.tensors.erase("q");
  made.fill("d_o", {2, 1, 4, 3}).fill("v", {2, 3, 6, 3}).fill("bias", {1, 2, 4, 5});
  made.key_lengths = {5, 5, 5};
  // Without q nothing says how many queries there are.
  CHECK(
      message(vjp) ==
      "in.h5: data set /q is missing; sdpa.vjp needs q, k, v, d_o\n"
      "in.h5: /bias has shape (1,2,4,5); accepted: (2 or 1,3 or 1,i,5) = (B,H,i,j), by q, k and v\n"
      "in.h5: /d_o has shape (2,1,4,3); accepted: (2,3,i,3) = (b,h,i,dv), by q, k and v\n"
      "in.h5: /v has shape (2,3,6,3); accepted: (2,3,5,3) = (b,h,j,dv), by q, k and v\n"
      "in.h5: /key_lengths has 3 values; accepted: 2, one a batch entry");
}

TEST_CASE("a tensor that stands for a missing one is not blamed in its place") {
  const test::TemporaryFolder folder;
  const auto path = folder / "in.h5";
  MadeInputs made;
  made.fill("d_o_dot", {2, 3, 4, 4}).fill("bias_dot", {1, 3, 4, 4}).write(path);
  const std::string expected =
      path +
      ": /bias_dot has shape (1,3,4,4); accepted: (2 or 1,3 or 1,4,5) = (B,H,i,j), by q, k " +
      "and v\n" + path +
      ": /d_o_dot has shape (2,3,4,4); accepted: (2,3,4,3) = (b,h,i,dv), by q, k and v";
  CHECK_THROWS_WITH_AS(load_call({.operation = jvp_vjp, .input = path}), expected.c_str(),
                       UserError);
}

TEST_CASE("a request that cannot be is refused before the input is opened") {
  const auto with_scale = [](double scale) {
    return ApplyRequest{
        .operation = forward, .input = "none.h5", .precision = Precision::float32, .scale = scale};
  };
  CHECK_THROWS_WITH_AS(load_call(with_scale(nan)),
                       "--scale is nan; accepted: a number finite in float32", UserError);
  CHECK_THROWS_WITH_AS(load_call(with_scale(1e39)),
                       "--scale is 1e+39; accepted: a number finite in float32", UserError);
  CHECK_THROWS_WITH_AS(load_call(with_scale(1e-60)),
                       "--scale is 1e-60, which float32 rounds to 0; give another value, or "
                       "--precision float64",
                       UserError);
  CHECK_THROWS_WITH_AS(load_call(with_scale(0)), "none.h5: No such file or directory", UserError);
  CHECK_THROWS_WITH_AS(load_call(with_scale(1)), "none.h5: No such file or directory", UserError);
  CHECK_THROWS_WITH_AS(
      operator_named("sdpa.grad"),
      "unknown operator \"sdpa.grad\"; accepted: sdpa.forward, sdpa.vjp, sdpa.jvp, "
      "sdpa.hvp, sdpa.jvp_vjp",
      UserError);
  CHECK(operator_named("sdpa.hvp") == hvp);
}

TEST_CASE("the input is never the output, and an output that exists stays") {
  const test::TemporaryFolder folder;
  const auto input = folder / "in.h5";
  const auto output = folder / "out.h5";
  MadeInputs().write(input);
  MadeInputs().write(output);
  const auto size = std::filesystem::file_size(input);
  ApplyRequest request{.operation = forward, .input = input, .output = input, .overwrite = true};
  const auto same = "output " + input + ": is the input itself; name another file";
  CHECK_THROWS_WITH_AS(apply(request), same.c_str(), UserError);
  request.output = output;
  request.overwrite = false;
  const auto exists =
      "output " + output + ": exists; name another file, remove it, or give --overwrite";
  CHECK_THROWS_WITH_AS(apply(request), exists.c_str(), UserError);
  CHECK(std::filesystem::file_size(input) == size);
  CHECK(folder.names() == std::vector<std::string>{"in.h5", "out.h5"});
}

}  // namespace theria

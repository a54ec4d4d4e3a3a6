// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "src/apply/load.hpp"
#include "tests/apply/made_inputs.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

namespace {

using test::MadeInputs;
using test::TemporaryFolder;

LoadedCall loaded(const MadeInputs& made, ApplyRequest request) {
  const TemporaryFolder folder;
  made.write(folder / "in.h5");
  request.input = folder / "in.h5";
  return load_call(request);
}

}  // namespace

TEST_CASE("the request and the tensors reach the call, in the request's precision") {
  MadeInputs made;
  made.key_lengths = {5, 0};
  const auto call = loaded(made, {.operation = SdpaOperator::forward,
                                  .precision = Precision::float32,
                                  .backend = Backend::openmp,
                                  .causal = true,
                                  .scale = 0.25})
                        .call;
  CHECK(call.operation == SdpaOperator::forward);
  CHECK(call.causal);
  CHECK(call.scale == 0.25);
  CHECK(call.inputs.size() == 3);
  CHECK(call.inputs.at("v").shape == std::vector<std::size_t>{2, 3, 5, 3});
  CHECK(std::get<std::vector<float>>(call.inputs.at("q").values) == std::vector<float>(48, 0.5F));
  CHECK(call.key_lengths == std::vector<std::int64_t>{5, 0});
}

TEST_CASE("each operator reads its own inputs and names those it does not") {
  MadeInputs made;
  made.fill("d_o", {2, 3, 4, 3}).fill("q_dot", {2, 3, 4, 2}).fill("bias_dot", {1, 3, 4, 5});
  made.fill("d_o_dot", {2, 3, 4, 3});
  const auto names = [&](SdpaOperator operation) {
    std::string text;
    const auto result = loaded(made, {.operation = operation});
    for (const auto& input : result.call.inputs) text += input.first + " ";
    text += "|";
    for (const auto& name : result.ignored) text += " " + name;
    return text;
  };
  CHECK(names(SdpaOperator::forward) == "k q v | bias_dot d_o d_o_dot q_dot");
  CHECK(names(SdpaOperator::vjp) == "d_o k q v | bias_dot d_o_dot q_dot");
  // A tangent of the bias stands on a bias of zero.
  CHECK(names(SdpaOperator::jvp) == "bias bias_dot k q q_dot v | d_o d_o_dot");
  CHECK(names(SdpaOperator::hvp) == "bias bias_dot d_o d_o_dot k q q_dot v |");
  CHECK(names(SdpaOperator::jvp_vjp) == "bias bias_dot d_o d_o_dot k q q_dot v |");
}

TEST_CASE("a cotangent that jvp_vjp is not given is zero") {
  MadeInputs made;
  made.fill("d_o_dot", {2, 3, 4, 3});
  const auto call = loaded(made, {.operation = SdpaOperator::jvp_vjp}).call;
  CHECK(std::get<std::vector<double>>(call.inputs.at("d_o").values) == std::vector<double>(72));
}

TEST_CASE("there may be no query and no key") {
  for (const bool keys : {true, false}) {
    MadeInputs made;
    if (keys) {
      made.fill("q", {2, 3, 0, 2});
    } else {
      made.fill("k", {2, 3, 0, 2}).fill("v", {2, 3, 0, 3});
    }
    const auto call = loaded(made, {.operation = SdpaOperator::forward}).call;
    CHECK(call.inputs.at("q").shape[2] == (keys ? 0 : 4));
    CHECK(call.inputs.at("k").shape[2] == (keys ? 5 : 0));
  }
}

TEST_CASE("groups and the scales of axes are no inputs") {
  const TemporaryFolder folder;
  MadeInputs().write(folder / "in.h5");
  {
    const hdf5::Handle file(H5Fopen((folder / "in.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT),
                            H5Fclose);
    const hdf5::Handle group(
        H5Gcreate2(file.id(), "/expected", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  }
  ApplyRequest request{.operation = SdpaOperator::forward, .input = folder / "in.h5"};
  CHECK(load_call(request).ignored == std::vector<std::string>{"expected"});
}

}  // namespace theria

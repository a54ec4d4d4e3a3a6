// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include "src/apply/load.hpp"
#include "src/apply/write_outputs.hpp"
#include "src/io/hdf5/reader.hpp"
#include "tests/apply/made_inputs.hpp"
#include "tests/io/temporary_folder.hpp"

namespace theria {

namespace {

Tensor zeros(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (const auto extent : shape) count *= extent;
  return {.shape = shape, .values = std::vector<double>(count)};
}

}  // namespace

TEST_CASE("outputs have their axes, and attributes that say how they were made") {
  const test::TemporaryFolder folder;
  test::MadeInputs made;
  made.fill("d_o", {2, 3, 4, 3}).fill("bias", {1, 3, 4, 5}).write(folder / "in.h5");
  const ApplyRequest request{.operation = SdpaOperator::vjp,
                             .input = folder / "in.h5",
                             .output = folder / "out.h5",
                             .precision = Precision::float64,
                             .backend = Backend::openmp,
                             .causal = true,
                             .scale = {}};
  write_outputs(request, load_call(request).call,
                {{"d_q", zeros({2, 3, 4, 2})},
                 {"d_k", zeros({2, 3, 5, 2})},
                 {"d_v", zeros({2, 3, 5, 3})},
                 {"d_bias", zeros({1, 3, 4, 5})}});

  const hdf5::Reader file(folder / "out.h5");
  CHECK(file.text_attribute("/", "operator") == "sdpa.vjp");
  CHECK(file.text_attribute("/", "precision") == "float64");
  CHECK(file.text_attribute("/", "backend") == "openmp");
  CHECK(file.text_attribute("/", "software") == "theria");
  CHECK(file.number_attribute("/", "causal") == 1);
  CHECK(file.number_attribute("/", "scale") == 1 / std::sqrt(2.0));
  CHECK(file.shape("/d_v") == hdf5::Shape{2, 3, 5, 3});
  CHECK(file.shape("/d_bias") == hdf5::Shape{1, 3, 4, 5});
  CHECK(file.shape("/dv") == hdf5::Shape{3});
  CHECK(file.shape("/b") == hdf5::Shape{2});
  CHECK(file.shape("/bias_b") == hdf5::Shape{1});
}

TEST_CASE("outputs without rows are written too") {
  const test::TemporaryFolder folder;
  test::MadeInputs made;
  made.fill("q", {2, 3, 0, 2}).write(folder / "in.h5");
  const ApplyRequest request{.operation = SdpaOperator::forward,
                             .input = folder / "in.h5",
                             .output = folder / "out.h5",
                             .scale = 2.0};
  write_outputs(request, load_call(request).call,
                {{"o", zeros({2, 3, 0, 3})}, {"lse", zeros({2, 3, 0})}});
  const hdf5::Reader file(folder / "out.h5");
  CHECK(file.shape("/o") == hdf5::Shape{2, 3, 0, 3});
  CHECK(file.number_attribute("/", "scale") == 2);
}

}  // namespace theria

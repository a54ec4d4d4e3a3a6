// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"
#include "tests/support/watch.hpp"

namespace theria::test {
namespace {

/// How a tensor (b,h,t,d) lies in memory: as (b,t,h,d + gap) from `offset` on, NaN in between.
struct Lying {
  std::int64_t offset, gap;
  bool in_place;  // whether a GPU reads it there: pieces of 16 bytes at multiples of as many
};

/// Tensors of bfloat16 that lie so.
template <class Space>
class Laid {
 public:
  explicit Laid(const Lying& how) : m_how(how) {}

  Array<const Brain, 4> put(const Tensor& dense) {
    const auto b = extent(dense, 0), h = extent(dense, 1), t = extent(dense, 2),
               d = extent(dense, 3), row = d + m_how.gap;
    const ViewOn<BFloat16*, Space> memory("theria::test::laid",
                                          static_cast<std::size_t>(m_how.offset + b * t * h * row));
    Array<const BFloat16, 4> array;
    array.data = memory.data() + m_how.offset;
    array.extent = {b, h, t, d};
    array.stride = {t * h * row, row, h * row, 1};
    const auto host = Kokkos::create_mirror_view(memory);
    for (std::size_t n = 0; n < host.extent(0); ++n)
      host(n) = BFloat16(std::numeric_limits<float>::quiet_NaN());
    const std::vector<double> values = values_of(dense);
    for (std::int64_t n = 0; n < b * h * t * d; ++n)
      host(static_cast<std::size_t>(
          m_how.offset + array.offset(n / (h * t * d), n / (t * d) % h, n / d % t, n % d))) =
          BFloat16(static_cast<float>(values[static_cast<std::size_t>(n)]));
    Kokkos::deep_copy(memory, host);
    m_memory.push_back(memory);
    return array;
  }

 private:
  static std::int64_t extent(const Tensor& x, std::size_t axis) {
    return static_cast<std::int64_t>(x.shape[axis]);
  }
  Lying m_how;
  std::vector<ViewOn<BFloat16*, Space>> m_memory;
};

/// All operators on tensors that lie so, against the bits of dense ones; a GPU packs where it can't read in place.
template <class Space>
void check_lying(SdpaCall call, const Lying& how) {
  CAPTURE(how.offset);
  CAPTURE(how.gap);
  call.backend = backend_of<Space>();
  for (const SdpaOperator operation : every_operator) {
    CAPTURE(int(operation));
    call.operation = operation;
    Marshal<Space, Brain, BFloat16> data(call);
    BoundCall<Brain> bound = bind(call, data);
    Laid<Space> laid(how);
    bound.in.q = laid.put(call.inputs.at("q"));
    bound.in.k = laid.put(call.inputs.at("k"));
    bound.in.v = laid.put(call.inputs.at("v"));
    bound.dot.q = laid.put(call.inputs.at("q_dot"));
    bound.dot.k = laid.put(call.inputs.at("k_dot"));
    bound.dot.v = laid.put(call.inputs.at("v_dot"));
    bound.d_o = laid.put(call.inputs.at("d_o"));
    bound.d_o_dot = laid.put(call.inputs.at("d_o_dot"));
    Workspace<Space> workspace;
    if (operation == SdpaOperator::vjp) run(SdpaOperator::forward, bound, workspace);
    const Watch watch;
    run(operation, bound, workspace);
    const bool packs = watch.kernels().front().find("::pack") != std::string::npos;
    CHECK(packs == (!std::is_same_v<Space, OpenMP> && !how.in_place));
    const TensorSet results = data.results({});
    for (const auto& [name, tensor] : apply_sdpa(call)) {
      CAPTURE(name);
      CHECK(same_bits(values_of(results.at(name)), values_of(tensor)));
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("sdpa in bfloat16: read in place or copied first, the same bits", Space,
                   THERIA_TEST_SPACES) {
  using Depths = std::pair<std::size_t, std::size_t>;
  // Every padded class; pieces of a row of 64 and of 32 numbers.
  for (const auto& [d, dv] : {Depths{24, 40}, Depths{8, 16}, Depths{72, 128}, Depths{200, 136}})
    for (const Lying& how :
         {Lying{0, 0, true}, Lying{8, 8, true}, Lying{1, 0, false}, Lying{0, 4, false}})
      check_lying<Space>(
          make_call({.b = 2, .h = 3, .tq = 70, .tk = 101, .d = d, .dv = dv, .key_lengths = true},
                    SdpaOperator::forward, Precision::bfloat16),
          how);
}

TEST_CASE_TEMPLATE("sdpa in bfloat16: of one row the stride does not matter", Space,
                   THERIA_TEST_SPACES) {
  check_lying<Space>(make_call({.b = 1, .h = 1, .tq = 1, .tk = 1, .d = 24, .dv = 24},
                               SdpaOperator::forward, Precision::bfloat16),
                     {0, 4, true});
}

}  // namespace theria::test

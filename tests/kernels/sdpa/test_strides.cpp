// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <map>

#include "src/check/cases.hpp"
#include "src/check/compare.hpp"
#include "tests/kernels/sdpa/bound_call.hpp"
#include "tests/support/allclose.hpp"
#include "tests/support/spaces.hpp"

namespace theria::test {

/// Memory on Space in which tensors lie with strides of their own; NaN where none lies.
template <class Space, class Scalar>
class Buffer {
 public:
  explicit Buffer(std::size_t size) : m_data("theria::test::buffer", size) {
    Kokkos::deep_copy(m_data, std::numeric_limits<Scalar>::quiet_NaN());
  }

  using Four = Kokkos::Array<std::int64_t, 4>;
  Array<Scalar, 4> at(std::int64_t offset, Four extent, Four stride) const {
    Array<Scalar, 4> array;
    array.data = m_data.data() + offset;
    array.extent = extent;
    array.stride = stride;
    return array;
  }
  /// Writes dense values to where `array` lies, and returns it as an input.
  Array<const Scalar, 4> put(const Array<Scalar, 4>& array, const Tensor& dense) const {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), m_data);
    const std::vector<double> values = values_of(dense);
    std::size_t n = 0;
    for_each(array, [&](std::int64_t at) { host(at) = static_cast<Scalar>(values[n++]); });
    Kokkos::deep_copy(m_data, host);
    return array;
  }
  std::vector<double> get(const Array<Scalar, 4>& array) const {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), m_data);
    std::vector<double> values;
    for_each(array, [&](std::int64_t at) { values.push_back(host(at)); });
    return values;
  }
  /// How many numbers no result has written to.
  std::size_t untouched() const {
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), m_data);
    std::size_t count = 0;
    for (std::size_t n = 0; n < host.extent(0); ++n) count += std::isnan(host(n)) ? 1 : 0;
    return count;
  }

 private:
  template <class Function>
  void for_each(const Array<Scalar, 4>& array, const Function& f) const {
    const auto &e = array.extent, &s = array.stride;
    const std::int64_t start = array.data - m_data.data();
    for (std::int64_t b = 0; b < e[0]; ++b)
      for (std::int64_t h = 0; h < e[1]; ++h)
        for (std::int64_t t = 0; t < e[2]; ++t)
          for (std::int64_t d = 0; d < e[3]; ++d)
            f(start + b * s[0] + h * s[1] + t * s[2] + d * s[3]);
  }

  ViewOn<Scalar*, Space> m_data;
};

constexpr std::int64_t B = 2, H = 3, T = 35, D = 20;  // T is over a tile, D under one

/// Part p of `parts` in a buffer (b,t,parts,h,d), seen as (b,h,t,d).
template <class Space, class Scalar>
Array<Scalar, 4> packed(const Buffer<Space, Scalar>& buffer, std::int64_t parts, std::int64_t p) {
  return buffer.at(p * H * D, {B, H, T, D}, {T * parts * H * D, D, parts * H * D, 1});
}

/// All results of all operators on dense tensors, "vjp d_q" and the like.
template <class Space, class Scalar>
std::map<std::string, std::vector<double>> dense_results(const SdpaCall& given) {
  std::map<std::string, std::vector<double>> all;
  for (const SdpaOperator operation : every_operator) {
    SdpaCall call = given;
    call.operation = operation;
    call.backend = backend_of<Space>();
    call.precision = precision_of<Scalar>();
    for (const auto& [name, tensor] : apply_sdpa(call))
      all[std::to_string(static_cast<int>(operation)) + " " + name] = values_of(tensor);
  }
  return all;
}

/// The same with q, k, v and their tangents packed in one buffer, o and d_o as (b,t,h,d), and the
/// results packed and interleaved likewise.
template <class Space, class Scalar>
void check_packed(const SdpaCall& call) {
  constexpr std::size_t part = B * H * T * D;
  const auto dense = dense_results<Space, Scalar>(call);
  const Buffer<Space, Scalar> inputs(8 * part);
  const auto put = [&](std::int64_t p, const std::string& name) {
    return inputs.put(packed(inputs, 8, p), call.inputs.at(name));
  };
  Marshal<Space, Scalar> data(call);
  BoundCall<Scalar> bound = bind(call, data);
  bound.in.q = put(0, "q");
  bound.in.k = put(1, "k");
  bound.in.v = put(2, "v");
  bound.dot.q = put(3, "q_dot");
  bound.dot.k = put(4, "k_dot");
  bound.dot.v = put(5, "v_dot");
  bound.d_o = put(6, "d_o");
  bound.d_o_dot = put(7, "d_o_dot");
  for (const SdpaOperator operation : every_operator) {
    const Buffer<Space, Scalar> results(8 * part);
    const auto place = [&](std::int64_t p) { return packed(results, 8, p); };
    bound.out.o = place(0);
    bound.saved.o = bound.out.o;
    bound.out_dot.o = place(1);
    bound.d = {.q = place(2), .k = place(3), .v = place(4)};
    bound.d_dot = {.q = place(5), .k = place(6), .v = place(7)};
    Workspace<Space> workspace;
    if (operation == SdpaOperator::vjp) run(SdpaOperator::forward, bound, workspace);
    run(operation, bound, workspace);
    const std::string prefix = std::to_string(static_cast<int>(operation)) + " ";
    std::size_t written = operation == SdpaOperator::vjp ? 1 : 0;  // o, of the forward
    const std::map<std::string, Array<Scalar, 4>> places = {
        {"o", bound.out.o},         {"o_dot", bound.out_dot.o}, {"d_q", bound.d.q},
        {"d_k", bound.d.k},         {"d_v", bound.d.v},         {"d_q_dot", bound.d_dot.q},
        {"d_k_dot", bound.d_dot.k}, {"d_v_dot", bound.d_dot.v}};
    for (const auto& [name, array] : places) {
      const auto wanted = dense.find(prefix + name);
      if (wanted == dense.end()) continue;
      INFO("operator ", prefix, name);
      CHECK(same_bits(results.get(array), wanted->second));
      ++written;
    }
    CHECK(written >= 1);
    CHECK(results.untouched() == (8 - written) * part);
  }
}

TEST_CASE_TEMPLATE("sdpa on packed and interleaved tensors gives the dense bits", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  for (const bool causal : {false, true})
    check_packed<typename Place::Space, typename Place::Scalar>(
        make_call({.b = B, .h = H, .tq = T, .tk = T, .d = D, .dv = D, .causal = causal},
                  SdpaOperator::hvp, Precision::float32));
}

/// The call with the first head's k, v and their tangents in every head.
inline SdpaCall with_one_key_head(SdpaCall call) {
  for (const char* name : {"k", "v", "k_dot", "v_dot"}) {
    auto values = values_of(call.inputs.at(name));
    const std::size_t head = T * D;
    for (std::size_t b = 0; b < B; ++b)
      for (std::size_t e = 0; e < H * head; ++e)
        values[b * H * head + e] = values[b * H * head + e % head];
    call.inputs.at(name).values = values;
  }
  return call;
}

template <class Space, class Scalar>
void check_shared_keys() {
  const SdpaCall call = with_one_key_head(make_call(
      {.b = B, .h = H, .tq = T, .tk = T, .d = D, .dv = D}, SdpaOperator::hvp, Precision::float32));
  const auto dense = dense_results<Space, Scalar>(call);
  for (const SdpaOperator operation : every_operator) {
    Marshal<Space, Scalar> data(call);
    BoundCall<Scalar> bound = bind(call, data);
    bound.in.k.stride[1] = bound.in.v.stride[1] = 0;
    bound.dot.k.stride[1] = bound.dot.v.stride[1] = 0;
    Workspace<Space> workspace;
    if (operation == SdpaOperator::vjp) run(SdpaOperator::forward, bound, workspace);
    run(operation, bound, workspace);
    const TensorSet results = data.results({});
    const std::string prefix = std::to_string(static_cast<int>(operation)) + " ";
    for (const auto& [name, wanted] : dense) {
      if (name.rfind(prefix, 0) != 0) continue;
      INFO(name);
      CHECK(same_bits(values_of(results.at(name.substr(2))), wanted));
    }
  }
}

TEST_CASE_TEMPLATE("sdpa with one head of keys for all heads gives the bits of copies", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  check_shared_keys<typename Place::Space, typename Place::Scalar>();
}

/// Features apart, rows together: k as (b,h,d,t).
template <class Space, class Scalar>
void check_transposed_keys() {
  const SdpaCall call = make_call({.b = B, .h = H, .tq = T, .tk = T, .d = D, .dv = D},
                                  SdpaOperator::hvp, Precision::float32);
  const auto dense = dense_results<Space, Scalar>(call);
  Marshal<Space, Scalar> data(call);
  BoundCall<Scalar> bound = bind(call, data);
  const Buffer<Space, Scalar> keys(B * H * T * D), d_keys(B * H * T * D);
  const Kokkos::Array<std::int64_t, 4> extent{B, H, T, D}, stride{H * T * D, T * D, 1, T};
  bound.in.k = keys.put(keys.at(0, extent, stride), call.inputs.at("k"));
  bound.d.k = d_keys.at(0, extent, stride);
  Workspace<Space> workspace;
  run(SdpaOperator::hvp, bound, workspace);
  CHECK(same_bits(d_keys.get(bound.d.k), dense.at("3 d_k")));
  CHECK(same_bits(values_of(data.results({}).at("d_q_dot")), dense.at("3 d_q_dot")));
}

TEST_CASE_TEMPLATE("sdpa on transposed keys gives the dense bits", Place,
                   THERIA_TEST_SPACES_AND_SCALARS) {
  check_transposed_keys<typename Place::Space, typename Place::Scalar>();
}

}  // namespace theria::test

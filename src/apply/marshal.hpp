// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>

#include "kernels/core/spaces.hpp"
#include "kernels/sdpa/arguments.hpp"
#include "src/apply/sdpa_call.hpp"
#include "src/core/error.hpp"

namespace theria {

/// The tensors of one SdpaCall as Views on `Space`, by name, and the arguments made of them. Stored is what
/// is in memory: double, float, of Narrow numbers float (tf32) or Float16, of Brains BFloat16.
template <class Space, class Element, class Stored = Element>
class Marshal {
 public:
  explicit Marshal(const SdpaCall& call) {
    for (const auto& [name, tensor] : call.inputs) upload(name, tensor);
    if (call.key_lengths) {
      m_lengths =
          ViewOn<std::int64_t*, Space>("theria::apply::key_lengths", call.key_lengths->size());
      const auto host = Kokkos::create_mirror_view(m_lengths);
      std::copy(call.key_lengths->begin(), call.key_lengths->end(), host.data());
      Kokkos::deep_copy(m_lengths, host);
    }
  }

  sdpa::Inputs<Element> inputs() const {
    sdpa::Inputs<Element> in{
        .q = input("q"), .k = input("k"), .v = input("v"), .bias = input("bias")};
    if (m_lengths.data() != nullptr) {
      in.key_lengths.data = m_lengths.data();
      in.key_lengths.extent = {static_cast<std::int64_t>(m_lengths.extent(0))};
      in.key_lengths.stride = {1};
    }
    return in;
  }
  sdpa::Tangents<Element> tangents() const {
    return {input("q_dot"), input("k_dot"), input("v_dot"), input("bias_dot")};
  }
  Array<const Element, 4> input(const std::string& name) const {
    const auto found = m_tensors.find(name);
    if (found == m_tensors.end()) return {};
    return found->second;
  }

  sdpa::Output<Element> output(const std::string& suffix) {
    const auto &q = extent("q"), &v = extent("v");
    return {.o = result("o" + suffix, {q[0], q[1], q[2], v[3]}),
            .lse = row_result("lse" + suffix, {q[0], q[1], q[2]})};
  }
  sdpa::Cotangents<Element> cotangents(const std::string& suffix) {
    sdpa::Cotangents<Element> d{.q = result("d_q" + suffix, extent("q")),
                                .k = result("d_k" + suffix, extent("k")),
                                .v = result("d_v" + suffix, extent("v"))};
    if (m_extents.count("bias")) d.bias = result("d_bias" + suffix, extent("bias"));
    return d;
  }

  /// The results asked for so far, but those in `not_wanted`, on the host.
  std::map<std::string, Tensor> results(const std::vector<std::string>& not_wanted) const {
    std::map<std::string, Tensor> out;
    const auto wanted = [&](const std::string& name) {
      return std::find(not_wanted.begin(), not_wanted.end(), name) == not_wanted.end();
    };
    for (const auto& [name, view] : m_results)
      if (wanted(name)) out[name] = download(view, m_extents.at(name));
    for (const auto& [name, view] : m_row_results)
      if (wanted(name)) out[name] = download(view, m_extents.at(name));
    return out;
  }

 private:
  using Extent = std::vector<std::size_t>;
  using Scalar = ScalarOf<Element>;
  template <class T>
  using Flat = ViewOn<T*, Space>;

  const Extent& extent(const std::string& name) const {
    const auto found = m_extents.find(name);
    if (found == m_extents.end() || found->second.size() != 4)
      throw UserError("sdpa: tensor " + name + " is required, with four axes (b,h,t,d)");
    return found->second;
  }

  static std::size_t count(const Extent& extent) {
    std::size_t n = 1;
    for (const std::size_t e : extent) n *= e;
    return n;
  }

  void upload(const std::string& name, const Tensor& tensor) {
    m_extents[name] = tensor.shape;
    const auto& e = extent(name);
    const Flat<Stored> view("theria::apply::" + name, count(e));
    const auto host = Kokkos::create_mirror_view(view);
    std::visit(
        [&](const auto& values) {
          for (std::size_t n = 0; n < values.size(); ++n)
            host(n) = Stored(static_cast<Scalar>(values[n]));
        },
        tensor.values);
    Kokkos::deep_copy(view, host);
    m_inputs[name] = view;
    m_tensors[name] = dense_array(static_cast<const Stored*>(view.data()), e[0], e[1], e[2], e[3]);
  }

  /// A new result, poisoned so that what a kernel fails to write is seen.
  template <class T>
  T* allocate(std::map<std::string, Flat<T>>& results, const std::string& name,
              const Extent& extent) {
    const Flat<T> view("theria::apply::" + name, count(extent));
    Kokkos::deep_copy(view, T(Kokkos::Experimental::quiet_NaN_v<Scalar>));
    results[name] = view;
    m_extents[name] = extent;
    return view.data();
  }
  Array<Element, 4> result(const std::string& name, const Extent& e) {
    return dense_array(allocate(m_results, name, e), e[0], e[1], e[2], e[3]);
  }
  Array<Scalar, 3> row_result(const std::string& name, const Extent& e) {
    return dense_array(allocate(m_row_results, name, e), e[0], e[1], e[2]);
  }

  template <class T>
  static Tensor download(const Flat<T>& view, const Extent& extent) {
    using Value = std::conditional_t<std::is_same_v<Scalar, float>, float, double>;
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
    std::vector<Value> values(view.extent(0));
    for (std::size_t n = 0; n < values.size(); ++n) values[n] = static_cast<Value>(host(n));
    return {extent, values};
  }

  std::map<std::string, Extent> m_extents;
  std::map<std::string, Flat<Stored>> m_inputs, m_results;
  std::map<std::string, Flat<Scalar>> m_row_results;
  std::map<std::string, Array<const Element, 4>> m_tensors;
  ViewOn<std::int64_t*, Space> m_lengths;
};

/// The options of a call: the customary scale where none is given.
inline sdpa::Options options_of(const SdpaCall& call) {
  const auto q = call.inputs.find("q");
  if (q == call.inputs.end() || q->second.shape.size() != 4)
    throw UserError("sdpa: tensor q is required, with four axes (b,h,i,d)");
  const auto d = static_cast<std::int64_t>(q->second.shape[3]);
  return {.scale = call.scale.value_or(sdpa::default_scale(d)), .causal = call.causal};
}

}  // namespace theria

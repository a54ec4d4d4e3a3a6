// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"
#include "src/check/compare.hpp"
#include "src/core/tensor.hpp"

namespace theria::test {

/// A dense tensor on Space, made of doubles and read back as doubles. Without values it holds NaN
/// (integers: −1), so that what an operator fails to write is seen.
template <class Space, class T, int Rank>
class DeviceTensor {
 public:
  using Extents = std::array<std::size_t, Rank>;

  explicit DeviceTensor(const Extents& extents)
      : m_extents(extents), m_data("theria::test", count()) {
    if constexpr (std::is_floating_point_v<T>) {
      Kokkos::deep_copy(m_data, std::numeric_limits<T>::quiet_NaN());
    } else {
      Kokkos::deep_copy(m_data, T(-1));
    }
  }
  DeviceTensor(const Extents& extents, const std::vector<double>& values)
      : m_extents(extents), m_data("theria::test", count()) {
    set(values);
  }
  explicit DeviceTensor(const Tensor& tensor)
      : DeviceTensor(extents_of(tensor), values_of(tensor)) {}

  void set(const std::vector<double>& values) {
    const auto host = Kokkos::create_mirror_view(m_data);
    for (std::size_t n = 0; n < values.size(); ++n) host(n) = static_cast<T>(values[n]);
    Kokkos::deep_copy(m_data, host);
  }
  /// Waits for the device.
  std::vector<double> values() const {
    Kokkos::fence("theria::test");
    const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), m_data);
    return std::vector<double>(host.data(), host.data() + host.size());
  }

  Array<const T, Rank> in() const { return out(); }
  Array<T, Rank> out() const {
    Array<T, Rank> array;
    array.data = m_data.data();
    std::int64_t stride = 1;
    for (int axis = Rank - 1; axis >= 0; --axis) {
      array.extent[axis] = static_cast<std::int64_t>(m_extents[axis]);
      array.stride[axis] = stride;
      stride *= array.extent[axis];
    }
    return array;
  }
  /// The first task's values for `tasks` tasks: stride 0 on the first axis.
  Array<const T, Rank> shared_by(std::int64_t tasks) const {
    Array<T, Rank> array = out();
    array.extent[0] = tasks;
    array.stride[0] = 0;
    return array;
  }

 private:
  static Extents extents_of(const Tensor& tensor) {
    Extents extents{};
    for (int axis = 0; axis < Rank; ++axis) extents[axis] = tensor.shape.at(axis);
    return extents;
  }
  std::size_t count() const {
    std::size_t n = 1;
    for (const std::size_t e : m_extents) n *= e;
    return n;
  }

  Extents m_extents;
  ViewOn<T*, Space> m_data;
};

}  // namespace theria::test

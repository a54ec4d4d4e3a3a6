// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

#include "kernels/core/array.hpp"
#include "kernels/core/spaces.hpp"
#include "src/meta/for_each_number.hpp"

namespace theria {

/// Which tasks of a launch came out in finite numbers, so that no other is averaged in.
template <class Space, class Scalar>
class FiniteTasks {
 public:
  FiniteTasks(int tasks, std::size_t size)
      : m_parts("theria::meta::finite_parts", tasks, (size + part - 1) / part),
        m_finite("theria::meta::finite", tasks) {}

  static std::size_t bytes(int tasks, std::size_t size) {
    return tasks * ((size + part - 1) / part + 1) * sizeof(std::int32_t);
  }

  /// 1 of every task whose loss and gradient (n,P) are finite, else 0; the other gradients are set to zero.
  std::vector<std::int32_t> keep(const Space& space, const Array<const Scalar, 1>& loss,
                                 const Array<Scalar, 2>& gradient) const {
    const std::int64_t tasks = gradient.extent[0], size = gradient.extent[1];
    const std::int64_t count = (size + part - 1) / part;
    const auto parts = m_parts;
    const auto finite = m_finite;
    for_each_number(
        "theria::meta::finite_parts", space, tasks, count,
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t c) {
          std::int32_t all = Kokkos::isfinite(loss(n)) ? 1 : 0;
          const std::int64_t end = (c + 1) * part < size ? (c + 1) * part : size;
          for (std::int64_t p = c * part; p < end; ++p)
            if (!Kokkos::isfinite(gradient(n, p))) all = 0;
          parts(n, c) = all;
        });
    Kokkos::parallel_for(
        "theria::meta::finite", Kokkos::RangePolicy<Space>(space, 0, tasks),
        KOKKOS_LAMBDA(std::int64_t n) {
          finite(n) = 1;
          for (std::int64_t c = 0; c < count; ++c)
            if (parts(n, c) == 0) finite(n) = 0;
        });
    space.fence("theria::meta::finite");
    const auto host = Kokkos::create_mirror_view_and_copy(
        Kokkos::HostSpace(), Kokkos::subview(finite, std::pair(std::int64_t(0), tasks)));
    const std::vector<std::int32_t> flags(host.data(), host.data() + tasks);
    if (std::count(flags.begin(), flags.end(), 0) > 0)
      for_each_number(
          "theria::meta::left_out", space, tasks, size,
          KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) {
            if (finite(n) == 0) gradient(n, p) = 0;
          });
    return flags;
  }

 private:
  static constexpr std::int64_t part = 256;  // numbers that one thread looks at

  ViewOn<std::int32_t**, Space> m_parts;
  ViewOn<std::int32_t*, Space> m_finite;
};

}  // namespace theria

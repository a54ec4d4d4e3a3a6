// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>

namespace theria {

using OpenMP = Kokkos::OpenMP;
#ifdef KOKKOS_ENABLE_CUDA
using Cuda = Kokkos::Cuda;
#endif

/// The host's memory in a form that a GPU copies while both go on working: where a build has one.
struct PinnedHost {
  using execution_space = OpenMP;
#ifdef KOKKOS_ENABLE_CUDA
  using memory_space = Kokkos::SharedHostPinnedSpace;
#else
  using memory_space = Kokkos::HostSpace;
#endif
};

/// The device type of an execution space: where its Views live.
template <class Space>
using DeviceOf = Kokkos::Device<typename Space::execution_space, typename Space::memory_space>;

/// A dense row-major View on the memory of `Space`; `Data` as in Kokkos, e.g. `double**`.
template <class Data, class Space>
using ViewOn = Kokkos::View<Data, Kokkos::LayoutRight, DeviceOf<Space>>;

/// A dense row-major View on the host.
template <class Data>
using HostView = Kokkos::View<Data, Kokkos::LayoutRight, Kokkos::HostSpace>;

}  // namespace theria

/// Calls MACRO(Space) for every execution space of this build; used by explicit instantiations alone.
#ifdef KOKKOS_ENABLE_CUDA
#define THERIA_FOR_EACH_SPACE(MACRO) MACRO(::theria::OpenMP) MACRO(::theria::Cuda)
#else
#define THERIA_FOR_EACH_SPACE(MACRO) MACRO(::theria::OpenMP)
#endif

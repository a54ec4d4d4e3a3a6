// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/models/batch.hpp"

namespace theria {

/// Host mirrors of one set, to be filled and copied to the device.
template <class Space, class Scalar>
struct HostBatch {
  using X = typename ViewOn<Scalar****, Space>::HostMirror;
  using Y = typename ViewOn<std::int32_t**, Space>::HostMirror;
  X x;
  Y y;

  explicit HostBatch(const Batch<Space, Scalar>& batch)
      : x(Kokkos::create_mirror_view(batch.x)), y(Kokkos::create_mirror_view(batch.y)) {}

  void upload(const Batch<Space, Scalar>& batch) const {
    Kokkos::deep_copy(batch.x, x);
    Kokkos::deep_copy(batch.y, y);
  }
};

}  // namespace theria

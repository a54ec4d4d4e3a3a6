// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "kernels/core/spaces.hpp"
#include "src/models/initial.hpp"

namespace theria {

/// initial_parameters() on the device, rounded to Scalar.
template <class Space, class Scalar>
ViewOn<Scalar*, Space> initial_view(const std::string& label, const Deck& resolved,
                                    const ParameterLayout& layout) {
  const std::vector<double> initial = initial_parameters(resolved, layout);
  const ViewOn<Scalar*, Space> theta(label, initial.size());
  const auto host = Kokkos::create_mirror_view(theta);
  for (std::size_t p = 0; p < initial.size(); ++p) host(p) = static_cast<Scalar>(initial[p]);
  Kokkos::deep_copy(theta, host);
  return theta;
}

}  // namespace theria

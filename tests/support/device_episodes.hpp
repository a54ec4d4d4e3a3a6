// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "src/models/initial.hpp"
#include "src/tasks/source.hpp"

namespace theria::test {

/// A device View's values on the host, as they are stored.
template <class View>
auto host_values(const View& view) {
  Kokkos::fence("theria::test");
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  return std::vector<typename View::non_const_value_type>(host.data(), host.data() + host.size());
}

/// The elements of an array (n,P) of any strides, in double.
template <class Space, class T>
std::vector<double> host_values(const Array<T, 2>& array) {
  const ViewOn<double**, Space> dense("theria::test::dense", array.extent[0], array.extent[1]);
  Kokkos::parallel_for(
      "theria::test::dense",
      Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>({0, 0}, {array.extent[0], array.extent[1]}),
      KOKKOS_LAMBDA(std::int64_t n, std::int64_t p) { dense(n, p) = array(n, p); });
  return host_values(dense);
}

template <class View, class T>
void set_values(const View& view, const std::vector<T>& values) {
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t n = 0; n < host.size(); ++n)
    host.data()[n] = static_cast<typename View::non_const_value_type>(values.at(n));
  Kokkos::deep_copy(view, host);
}

/// A parameter vector on the device.
template <class Space, class Scalar>
ViewOn<Scalar*, Space> parameters_on(const std::vector<double>& values) {
  const ViewOn<Scalar*, Space> theta("theria::test::theta", values.size());
  set_values(theta, values);
  return theta;
}

/// One vector for `tasks` tasks: stride 0 on the task axis.
template <class Space, class Scalar>
Parameters<Scalar> shared_by(const ViewOn<Scalar*, Space>& theta, std::int64_t tasks) {
  Parameters<Scalar> all;
  all.data = theta.data();
  all.extent = {tasks, static_cast<std::int64_t>(theta.extent(0))};
  all.stride = {0, 1};
  return all;
}

/// Tasks first … first + tasks − 1 of the deck's source.
template <class Space, class Scalar>
EpisodeBatch<Space, Scalar> drawn_episodes(const Deck& deck, int tasks, std::int64_t first = 0,
                                           Split split = Split::training,
                                           InputType inputs = InputType::full) {
  const EpisodeBatch<Space, Scalar> batch(deck, tasks, inputs);
  make_source<Space, Scalar>(deck, 0, inputs)->fill(Space{}, split, first, batch);
  return batch;
}

/// A set's inputs, whatever they are stored in.
template <class Space, class Scalar>
std::vector<double> inputs_of(const Batch<Space, Scalar>& set) {
  std::vector<double> all;
  if (set.x_bfloat16.size() > 0) {
    for (const BFloat16 x : host_values(set.x_bfloat16)) all.push_back(static_cast<double>(x));
  } else {
    for (const Scalar x : host_values(set.x)) all.push_back(static_cast<double>(x));
  }
  return all;
}

}  // namespace theria::test

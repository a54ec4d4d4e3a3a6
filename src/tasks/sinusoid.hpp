// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/random/sine.hpp"
#include "src/tasks/drawn_regression.hpp"

namespace theria {

/// Sine waves to predict from a few of their points (Finn et al. 2017). Per task: amplitude uniform in (0.1, 5), phase
/// in (0, π); points x uniform in (−5, 5), of which a sequence has one; target amplitude·sin(x + phase), in the support
/// set with noise_std·N(0,1) added.
template <class Space, class Scalar>
class Sinusoid : public DrawnRegression<Space, Scalar> {
 public:
  using DrawnRegression<Space, Scalar>::DrawnRegression;

  void fill_set(const Space& space, Split split, std::int64_t first, int set,
                const Batch<Space, Scalar>& batch) const override {
    const std::uint64_t seed = this->m_seed, shared = static_cast<std::uint64_t>(split);
    const std::uint64_t part = 2 * shared + set;
    const double noise_std = set == 0 ? this->m_noise_std : 0;
    const auto x = batch.x;
    const auto target = batch.target;
    Kokkos::parallel_for(
        "theria::tasks::sinusoid",
        Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(
            space, {0, 0}, {std::int64_t(x.extent(0)), std::int64_t(x.extent(1))}),
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t s) {
          const auto task = static_cast<std::uint64_t>(first + n);
          const auto point = static_cast<std::uint64_t>(s);
          const random::Stream waves{seed, random::Purpose::waves, task, shared};
          const random::Stream inputs{seed, random::Purpose::inputs, task, part};
          const random::Stream noise{seed, random::Purpose::noise, task, part};
          const auto wave = waves.block(0);
          const double amplitude = Kokkos::fma(4.9, random::uniform(wave.word[0]), 0.1);
          const double at = Kokkos::fma(10.0, random::uniform(inputs.block(point).word[0]), -5.0);
          const double angle = Kokkos::fma(3.141592653589793, random::uniform(wave.word[1]), at);
          double z = 0;
          random::normals<Space>(noise, s, 1, &z);
          x(n, s, 0, 0) = static_cast<Scalar>(at);
          target(n, s, 0) =
              static_cast<Scalar>(Kokkos::fma(noise_std, z, amplitude * random::sine(angle)));
        });
  }
};

}  // namespace theria

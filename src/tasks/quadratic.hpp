// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/tasks/drawn_regression.hpp"

namespace theria {

/// One linear regression a task, whose loss is a quadratic form of a linear model's weights, so that adaptation and
/// meta-gradients have closed forms. Per task: w ~ N(0, I); points x ~ N(0, I), of which a sequence has one; target
/// w·x, in the support set with noise_std·N(0,1) added.
template <class Space, class Scalar>
class Quadratic : public DrawnRegression<Space, Scalar> {
 public:
  using DrawnRegression<Space, Scalar>::DrawnRegression;

  void fill_set(const Space& space, Split split, std::int64_t first, int set,
                const Batch<Space, Scalar>& batch) const override {
    const std::uint64_t seed = this->m_seed, shared = static_cast<std::uint64_t>(split);
    const std::uint64_t part = 2 * shared + set;
    const double noise_std = set == 0 ? this->m_noise_std : 0;
    const auto x = batch.x;
    const auto target = batch.target;
    const std::int64_t features = x.extent(3);
    Kokkos::parallel_for(
        "theria::tasks::quadratic",
        Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(
            space, {0, 0}, {std::int64_t(x.extent(0)), std::int64_t(x.extent(1))}),
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t s) {
          constexpr int chunk = random::normals_at_once<Space>;
          const auto task = static_cast<std::uint64_t>(first + n);
          const random::Stream weights{seed, random::Purpose::weights, task, shared};
          const random::Stream inputs{seed, random::Purpose::inputs, task, part};
          const random::Stream noise{seed, random::Purpose::noise, task, part};
          double w[chunk], z[chunk], sum = 0;
          for (std::int64_t f0 = 0; f0 < features; f0 += chunk) {
            const int count = static_cast<int>(features - f0 < chunk ? features - f0 : chunk);
            random::normals<Space>(weights, f0, count, w);
            random::normals<Space>(inputs, s * features + f0, count, z);
            for (int i = 0; i < count; ++i) {
              x(n, s, 0, f0 + i) = static_cast<Scalar>(z[i]);
              sum = Kokkos::fma(w[i], z[i], sum);
            }
          }
          random::normals<Space>(noise, s, 1, z);
          target(n, s, 0) = static_cast<Scalar>(Kokkos::fma(noise_std, z[0], sum));
        });
  }
};

}  // namespace theria

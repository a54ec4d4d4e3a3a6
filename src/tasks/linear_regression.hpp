// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/tasks/drawn_regression.hpp"

namespace theria {

/// Linear regressions in context (Garg et al. 2022; von Oswald et al. 2023): each sequence is a data set of its own.
/// Per sequence: w ~ N(0, I); token t ≥ 1 holds x uniform in (−1, 1) and, as its last feature, w·x + noise_std·N(0,1);
/// token 0 holds the question, an x and a 0; target is its w·x. Tasks have no more in common than that.
template <class Space, class Scalar>
class LinearRegression : public DrawnRegression<Space, Scalar> {
 public:
  using DrawnRegression<Space, Scalar>::DrawnRegression;

  void fill_set(const Space& space, Split split, std::int64_t first, int set,
                const Batch<Space, Scalar>& batch) const override {
    const std::uint64_t seed = this->m_seed;
    const std::uint64_t part = 2 * static_cast<std::uint64_t>(split) + set;
    const double noise_std = this->m_noise_std;
    const auto x = batch.x;
    const auto target = batch.target;
    const std::int64_t sequences = x.extent(1), tokens = x.extent(2), d = x.extent(3) - 1;
    Kokkos::parallel_for(
        "theria::tasks::linear_regression",
        Kokkos::MDRangePolicy<Space, Kokkos::Rank<3>>(
            space, {0, 0, 0}, {std::int64_t(x.extent(0)), sequences, tokens}),
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t s, std::int64_t t) {
          constexpr int chunk = random::normals_at_once<Space>;
          const auto task = static_cast<std::uint64_t>(first + n);
          const random::Stream weights{seed, random::Purpose::weights, task, part};
          const random::Stream inputs{seed, random::Purpose::inputs, task, part};
          const random::Stream noise{seed, random::Purpose::noise, task, part};
          double w[chunk], sum = 0;
          for (std::int64_t f0 = 0; f0 < d; f0 += chunk) {
            const int count = static_cast<int>(d - f0 < chunk ? d - f0 : chunk);
            random::normals<Space>(weights, s * d + f0, count, w);
            for (int i = 0; i < count; ++i) {
              const std::int64_t at = (s * tokens + t) * d + f0 + i;
              const auto block = inputs.block(static_cast<std::uint64_t>(at / 4));
              const double input = Kokkos::fma(2.0, random::uniform(block.word[at % 4]), -1.0);
              x(n, s, t, f0 + i) = static_cast<Scalar>(input);
              sum = Kokkos::fma(w[i], input, sum);
            }
          }
          random::normals<Space>(noise, s * tokens + t, 1, w);
          if (t == 0) target(n, s, 0) = static_cast<Scalar>(sum);
          x(n, s, t, d) =
              t == 0 ? Scalar(0) : static_cast<Scalar>(Kokkos::fma(noise_std, w[0], sum));
        });
  }
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/random/normals.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Regressions that are drawn: support and query sets one after the other, from streams of their own.
template <class Space, class Scalar>
class DrawnRegression : public EpisodeSource<Space, Scalar> {
 public:
  explicit DrawnRegression(const Deck& deck)
      : m_seed(deck.seed), m_noise_std(deck.task.noise_std) {}

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    fill_set(space, split, first, 0, batch.support);
    fill_set(space, split, first, 1, batch.query);
    space.fence("theria::tasks::fill");
  }

  /// Set 0 is the support set, 1 the query set.
  virtual void fill_set(const Space& space, Split split, std::int64_t first, int set,
                        const Batch<Space, Scalar>& batch) const = 0;

 protected:
  std::uint64_t m_seed;
  double m_noise_std;
};

}  // namespace theria

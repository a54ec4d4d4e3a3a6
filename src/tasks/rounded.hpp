// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "kernels/core/for_each.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// The episodes of another source, their inputs rounded to nearest, ties to even: to bfloat16 in a batch that holds
/// such, else in place to tfloat32, the 11 digits that a tensor core sees of a float.
template <class Space, class Scalar>
class RoundedSource : public EpisodeSource<Space, Scalar> {
 public:
  RoundedSource(const Deck& deck, std::unique_ptr<EpisodeSource<Space, Scalar>> source)
      : m_deck(deck), m_source(std::move(source)) {}

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    const bool narrow = batch.support.x_bfloat16.size() > 0;
    const int most = narrow ? unrounded_tasks(batch.tasks()) : batch.tasks();
    if (narrow && m_unrounded.tasks() < most)
      m_unrounded = EpisodeBatch<Space, Scalar>(m_deck, most);
    for (int n = 0; n < batch.tasks(); n += most) {
      const auto part = batch.part(n, std::min(n + most, batch.tasks()));
      EpisodeBatch<Space, Scalar> made = part;
      if (narrow) {
        made.support.x = m_unrounded.support.part(0, part.tasks()).x;
        made.query.x = m_unrounded.query.part(0, part.tasks()).x;
      }
      m_source->fill(space, split, first + n, made);
      round(space, made.support);
      round(space, made.query);
    }
    space.fence("theria::tasks::round");
  }

  /// How many tasks are there at once before they are rounded to bfloat16, of a batch.
  static int unrounded_tasks(int batch) { return std::max(1, batch / 8); }

  static void round(const Space& space, const Batch<Space, Scalar>& set) {
    const auto numbers = static_cast<std::int64_t>(set.x.size());
    const Scalar* const from = set.x.data();
    Scalar* const in_place = set.x.data();
    BFloat16* const narrow = set.x_bfloat16.data();
    Kokkos::parallel_for(
        "theria::tasks::round", Kokkos::RangePolicy<Space>(space, 0, numbers),
        KOKKOS_LAMBDA(std::int64_t i) {
          const auto x = static_cast<float>(from[i]);
          if (narrow != nullptr) {
            narrow[i] = BFloat16(x);
          } else {
            in_place[i] = rounded_to<11>(x);
          }
        });
  }

 private:
  Deck m_deck;
  std::unique_ptr<EpisodeSource<Space, Scalar>> m_source;
  EpisodeBatch<Space, Scalar> m_unrounded;
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "src/tasks/source.hpp"

namespace theria {

/// x to the nearest of the 11 digits that a tensor core sees of a float, ties to even, in place.
template <class Space, class View>
void round_to_tfloat32(const Space& space, const View& x) {
  auto* const numbers = x.data();
  Kokkos::parallel_for(
      "theria::tasks::round", Kokkos::RangePolicy<Space>(space, 0, x.size()),
      KOKKOS_LAMBDA(std::int64_t i) {
        numbers[i] = rounded_to<11>(static_cast<float>(numbers[i]));
      });
}

/// to = x to the nearest bfloat16, ties to even.
template <class Space, class From, class To>
void round_to_bfloat16(const Space& space, const From& x, const To& to) {
  const auto* const numbers = x.data();
  auto* const rounded = to.data();
  Kokkos::parallel_for(
      "theria::tasks::round", Kokkos::RangePolicy<Space>(space, 0, to.size()),
      KOKKOS_LAMBDA(std::int64_t i) { rounded[i] = BFloat16(static_cast<float>(numbers[i])); });
}

/// The drawn episodes of another source, their inputs rounded. To bfloat16 an eighth of a batch at a time, so that it never
/// lies in memory in full.
template <class Space, class Scalar>
class RoundedSource : public EpisodeSource<Space, Scalar> {
 public:
  RoundedSource(const Deck& deck, std::unique_ptr<EpisodeSource<Space, Scalar>> source,
                InputType inputs)
      : m_deck(deck), m_source(std::move(source)), m_inputs(inputs) {}

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    if (m_inputs == InputType::tfloat32) {
      m_source->fill(space, split, first, batch);
      round_to_tfloat32(space, batch.support.x);
      round_to_tfloat32(space, batch.query.x);
    } else {
      fill_bfloat16(space, split, first, batch);
    }
    space.fence("theria::tasks::round");
  }

  /// How many tasks of a batch there are before they are rounded to bfloat16.
  static int unrounded_tasks(int batch) { return std::max(1, batch / 8); }

 private:
  void fill_bfloat16(const Space& space, Split split, std::int64_t first,
                     const EpisodeBatch<Space, Scalar>& batch) {
    const int most = unrounded_tasks(batch.tasks());
    if (m_support.tasks() < most) {
      const EpisodeBatch<Space, Scalar> full(m_deck, most);
      m_support.x = full.support.x;
      m_query.x = full.query.x;
    }
    for (int n = 0; n < batch.tasks(); n += most) {
      EpisodeBatch<Space, Scalar> part = batch.part(n, std::min(n + most, batch.tasks()));
      part.support.x = m_support.part(0, part.tasks()).x;
      part.query.x = m_query.part(0, part.tasks()).x;
      m_source->fill(space, split, first + n, part);
      round_to_bfloat16(space, part.support.x, part.support.x_bfloat16);
      round_to_bfloat16(space, part.query.x, part.query.x_bfloat16);
    }
  }

  Deck m_deck;
  std::unique_ptr<EpisodeSource<Space, Scalar>> m_source;
  InputType m_inputs;
  Batch<Space, Scalar> m_support, m_query;  // x of some tasks that are not rounded yet
};

}  // namespace theria

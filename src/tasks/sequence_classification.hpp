// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/random/normals.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Synthetic sequences with a class signal at a few positions. Per task: prototypes ~ N(0, I) of
/// every class; `signals` distinct positions among 1 … tokens − 1, shared by support and query;
/// labels uniform; x ~ noise_std·N(0,1), but at a signal position prototype[y] + 0.5·noise_std·N(0,1).
/// Numbers are made in double by Philox streams and rounded to Scalar.
template <class Space, class Scalar>
class SequenceClassification : public EpisodeSource<Space, Scalar> {
 public:
  explicit SequenceClassification(const Deck& deck) : m_deck(deck) {}

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    const auto positions = draw_positions(space, split, first, batch.tasks());
    fill_set(space, split, first, 0, batch.support, positions);
    fill_set(space, split, first, 1, batch.query, positions);
    space.fence("theria::tasks::fill");
  }

  using Positions = ViewOn<std::int32_t**, Space>;  // (n,signals)

  /// Floyd's algorithm: `signals` distinct numbers of 1 … tokens − 1.
  Positions draw_positions(const Space& space, Split split, std::int64_t first, int tasks) const {
    const Positions positions("theria::tasks::positions", tasks, m_deck.task.signals);
    const std::uint64_t seed = m_deck.seed;
    const int signals = m_deck.task.signals, choices = m_deck.task.tokens - 1;
    Kokkos::parallel_for(
        "theria::tasks::positions", Kokkos::RangePolicy<Space>(space, 0, tasks),
        KOKKOS_LAMBDA(std::int64_t n) {
          const random::Stream stream{seed, random::Purpose::positions,
                                      static_cast<std::uint64_t>(first + n),
                                      static_cast<std::uint64_t>(split)};
          for (int s = 0; s < signals; ++s) {
            const int last = choices - signals + s;  // candidates 0 … last
            const auto drawn = static_cast<std::int32_t>(
                random::below(stream.block(s).word[0], static_cast<std::uint64_t>(last) + 1));
            bool taken = false;
            for (int r = 0; r < s; ++r) taken = taken || positions(n, r) == drawn + 1;
            positions(n, s) = (taken ? last : drawn) + 1;
          }
        });
    return positions;
  }

  void fill_set(const Space& space, Split split, std::int64_t first, int set,
                const Batch<Space, Scalar>& batch, const Positions& positions) const {
    const std::uint64_t seed = m_deck.seed, part = 2 * static_cast<std::uint64_t>(split) + set;
    const std::uint64_t shared = static_cast<std::uint64_t>(split);
    const int signals = m_deck.task.signals, classes = m_deck.task.classes;
    const double noise_std = m_deck.task.noise_std;
    const std::int64_t tasks = batch.y.extent(0), sequences = batch.y.extent(1);
    const std::int64_t tokens = batch.x.extent(2), features = batch.x.extent(3);
    const auto x = batch.x;
    const auto y = batch.y;
    Kokkos::parallel_for(
        "theria::tasks::labels",
        Kokkos::MDRangePolicy<Space, Kokkos::Rank<2>>(space, {0, 0}, {tasks, sequences}),
        KOKKOS_LAMBDA(std::int64_t n, std::int64_t s) {
          const random::Stream stream{seed, random::Purpose::labels,
                                      static_cast<std::uint64_t>(first + n), part};
          y(n, s) = static_cast<std::int32_t>(random::below(stream.block(s).word[0], classes));
        });
    constexpr int chunk = random::normals_at_once<Space>;
    const std::int64_t numbers = sequences * tokens * features;
    const std::int64_t chunks = (numbers + chunk - 1) / chunk;
    Kokkos::parallel_for(
        "theria::tasks::sequences", Kokkos::RangePolicy<Space>(space, 0, tasks * chunks),
        KOKKOS_LAMBDA(std::int64_t at) {
          const std::int64_t n = at / chunks, begin = at % chunks * chunk;
          const std::int64_t end = begin + chunk < numbers ? begin + chunk : numbers;
          const auto task = static_cast<std::uint64_t>(first + n);
          const random::Stream noise{seed, random::Purpose::noise, task, part};
          const random::Stream prototypes{seed, random::Purpose::prototypes, task, shared};
          double z[chunk], prototype[chunk];
          random::normals<Space>(noise, begin, static_cast<int>(end - begin), z);
          // What lies in one token has one label and is, or is not, a signal.
          for (std::int64_t e = begin; e < end;) {
            const std::int64_t row = e / features, f = e % features;
            const std::int64_t s = row / tokens, t = row % tokens;
            const std::int64_t left = end - e < features - f ? end - e : features - f;
            const int count = static_cast<int>(left);
            const double* const of_row = z + (e - begin);
            bool signal = false;
            for (int p = 0; p < signals; ++p) signal = signal || positions(n, p) == t;
            Scalar* const out = &x(n, s, t, f);
            for (int i = 0; i < count && !signal; ++i)
              out[i] = static_cast<Scalar>(noise_std * of_row[i]);
            if (signal) {
              random::normals<Space>(prototypes, y(n, s) * features + f, count, prototype);
              for (int i = 0; i < count; ++i)
                out[i] = static_cast<Scalar>(Kokkos::fma(0.5, noise_std * of_row[i], prototype[i]));
            }
            e += count;
          }
        });
  }

 private:
  Deck m_deck;
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/core/error.hpp"
#include "src/io/episodes.hpp"
#include "src/tasks/source.hpp"
#include "src/tasks/upload.hpp"

namespace theria {

/// Episodes of a user's HDF5 file, in its order. The last `evaluation.tasks` are held out; training
/// goes round the others.
template <class Space, class Scalar>
class FileSource : public EpisodeSource<Space, Scalar> {
 public:
  explicit FileSource(const Deck& deck)
      : m_episodes(read_episodes(deck.task.file)),
        m_held_out(deck.evaluation.tasks),
        m_training(static_cast<std::int64_t>(m_episodes.x_support.shape[0]) - m_held_out) {
    check_labels(m_episodes, deck.task.classes, deck.task.file);
  }

  void fill(const Space&, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    HostBatch<Space, Scalar> support(batch.support), query(batch.query);
    for (int n = 0; n < batch.tasks(); ++n) {
      const std::int64_t task =
          split == Split::training ? (first + n) % m_training : m_training + first + n;
      copy(m_episodes.x_support, m_episodes.y_support, task, n, support);
      copy(m_episodes.x_query, m_episodes.y_query, task, n, query);
    }
    support.upload(batch.support);
    query.upload(batch.query);
  }

 private:
  static void copy(const Tensor& x, const std::vector<std::int32_t>& y, std::int64_t task, int n,
                   const HostBatch<Space, Scalar>& to) {
    const std::size_t sequences = to.y.extent(1);
    const std::size_t numbers = sequences * to.x.extent(2) * to.x.extent(3);
    std::visit(
        [&](const auto& values) {
          for (std::size_t e = 0; e < numbers; ++e)
            (&to.x(n, 0, 0, 0))[e] = static_cast<Scalar>(values[task * numbers + e]);
        },
        x.values);
    for (std::size_t s = 0; s < sequences; ++s) to.y(n, s) = y[task * sequences + s];
  }

  Episodes m_episodes;
  std::int64_t m_held_out, m_training;
};

}  // namespace theria

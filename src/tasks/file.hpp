// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "src/core/error.hpp"
#include "src/io/episodes.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Episodes of a user's HDF5 file, in its order. The last `evaluation.tasks` are held out; training
/// goes round the others. They are read and, to a GPU that keeps them, uploaded once: filling a batch is copying.
template <class Space, class Scalar>
class FileSource : public EpisodeSource<Space, Scalar> {
 public:
  FileSource(const Deck& deck, std::size_t room) {
    const bool targets = is_regression(deck.task.kind);
    const Episodes episodes =
        read_episodes(deck.task.file, targets ? Asked::targets : Asked::classes);
    if (!targets) check_labels(episodes, deck.task.classes, deck.task.file);
    const auto tasks = static_cast<int>(episodes.x_support.shape[0]);
    m_training = tasks - deck.evaluation.tasks;
    m_on_host = EpisodeBatch<OpenMP, Scalar>(deck, tasks);
    take(episodes.x_support, m_on_host.support.x);
    take(episodes.x_query, m_on_host.query.x);
    if (targets) {
      take(episodes.target_support, m_on_host.support.target);
      take(episodes.target_query, m_on_host.query.target);
    } else {
      take(episodes.y_support, m_on_host.support.y);
      take(episodes.y_query, m_on_host.query.y);
    }
    if (std::is_same_v<Space, OpenMP> || m_on_host.bytes() > room) return;
    m_on_device = EpisodeBatch<Space, Scalar>(deck, tasks);
    copy(Space(), m_on_host, m_on_device);
    Space().fence("theria::tasks::upload");
    m_on_host = {};
  }

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    for (int n = 0; n < batch.tasks();) {
      const bool held_out = split == Split::held_out;
      const auto task =
          static_cast<int>(held_out ? m_training + first + n : (first + n) % m_training);
      const int count = held_out ? batch.tasks() : std::min(batch.tasks() - n, m_training - task);
      const auto to = batch.part(n, n + count);
      if (m_on_device.tasks() > 0) {
        copy(space, m_on_device.part(task, task + count), to);
      } else {
        copy(space, m_on_host.part(task, task + count), to);
      }
      n += count;
    }
    space.fence("theria::tasks::fill");
  }

 private:
  template <class Numbers, class View>
  static void take(const Numbers& values, const View& to) {
    std::transform(values.begin(), values.end(), to.data(),
                   [](auto x) { return static_cast<typename View::non_const_value_type>(x); });
  }
  template <class View>
  static void take(const Tensor& tensor, const View& to) {
    std::visit([&](const auto& values) { take(values, to); }, tensor.values);
  }
  template <class From>
  static void copy(const Space& space, const From& from, const EpisodeBatch<Space, Scalar>& to) {
    copy_set(space, from.support, to.support);
    copy_set(space, from.query, to.query);
  }

  template <class From>
  static void copy_set(const Space& space, const From& from, const Batch<Space, Scalar>& to) {
    Kokkos::deep_copy(space, to.x, from.x);
    if (to.y.size() > 0) Kokkos::deep_copy(space, to.y, from.y);
    if (to.target.size() > 0) Kokkos::deep_copy(space, to.target, from.target);
  }

  EpisodeBatch<OpenMP, Scalar> m_on_host;
  EpisodeBatch<Space, Scalar> m_on_device;
  int m_training;
};

}  // namespace theria

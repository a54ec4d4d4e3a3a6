// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "src/core/error.hpp"
#include "src/io/episodes.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Episodes of a user's HDF5 file, in its order. The last `evaluation.tasks` are held out; training
/// goes round the others. They are read and, to a GPU that keeps them, uploaded once: filling a batch is copying. Where
/// it has no room for them it has the batch that training takes next, uploaded beside the work on the one before.
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
    m_on_host = EpisodeBatch<Host, Scalar>(deck, tasks);
    take(episodes.x_support, m_on_host.support.x);
    take(episodes.x_query, m_on_host.query.x);
    if (targets) {
      take(episodes.target_support, m_on_host.support.target);
      take(episodes.target_query, m_on_host.query.target);
    } else {
      take(episodes.y_support, m_on_host.support.y);
      take(episodes.y_query, m_on_host.query.y);
    }
    if (std::is_same_v<Space, OpenMP>) return;
    const int launch = deck.meta.batch == 0 ? deck.meta.tasks : deck.meta.batch;
    const std::size_t a_task = m_on_host.bytes() / static_cast<std::size_t>(tasks);
    if (m_on_host.bytes() <= room) {
      m_on_device = EpisodeBatch<Space, Scalar>(deck, tasks);
      copy(Space(), m_on_host, m_on_device);
      Space().fence("theria::tasks::upload");
      m_on_host = {};
    } else if (static_cast<std::size_t>(launch) * a_task <= room) {
      m_ahead = EpisodeBatch<Space, Scalar>(deck, launch);
      m_uploads = Kokkos::Experimental::partition_space(Space(), 1)[0];
    }
  }
  ~FileSource() override { m_uploads.fence("theria::tasks::upload"); }

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    const bool training = split == Split::training;
    if (training && first == m_first_ahead && batch.tasks() <= m_tasks_ahead) {
      m_uploads.fence("theria::tasks::upload");
      copy(space, m_ahead.part(0, batch.tasks()), batch);
    } else {
      take_tasks(space, split, first, batch);
    }
    space.fence("theria::tasks::fill");
    if (training && m_ahead.tasks() >= batch.tasks()) {
      m_first_ahead = first + batch.tasks();
      m_tasks_ahead = batch.tasks();
      take_tasks(m_uploads, split, m_first_ahead, m_ahead.part(0, m_tasks_ahead));
    }
  }

 private:
  /// From where all of them are; of the copies nothing is waited for.
  void take_tasks(const Space& space, Split split, std::int64_t first,
                  const EpisodeBatch<Space, Scalar>& batch) const {
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
  }

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

  using Host = std::conditional_t<std::is_same_v<Space, OpenMP>, OpenMP, PinnedHost>;

  EpisodeBatch<Host, Scalar> m_on_host;
  EpisodeBatch<Space, Scalar> m_on_device;
  EpisodeBatch<Space, Scalar> m_ahead;  // room for the tasks of a launch
  // Of training, from m_first_ahead on, so many are in it once m_uploads is done.
  std::int64_t m_first_ahead = 0;
  int m_tasks_ahead = 0;
  Space m_uploads{};
  int m_training;
};

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "src/core/error.hpp"
#include "src/io/episodes.hpp"
#include "src/tasks/rounded.hpp"
#include "src/tasks/source.hpp"

namespace theria {

/// Episodes of a user's HDF5 file, in its order. The last `evaluation.tasks` are held out; training
/// goes round the others. They are read and, to a GPU that keeps them, uploaded once: filling a batch is copying. Where
/// it has no room for them it has the batch that training takes next, uploaded beside the work on the one before.
template <class Space, class Scalar>
class FileSource : public EpisodeSource<Space, Scalar> {
 public:
  FileSource(const Deck& deck, std::size_t room, InputType inputs) : m_inputs(inputs) {
    const bool targets = is_regression(deck.task.kind);
    const Episodes episodes =
        read_episodes(deck.task.file, targets ? Asked::targets : Asked::classes);
    if (!targets) check_labels(episodes, deck.task.classes, deck.task.file);
    const auto tasks = static_cast<int>(episodes.x_support.shape[0]);
    m_training = tasks - deck.evaluation.tasks;
    const std::size_t a_task = EpisodeBatch<OpenMP, Scalar>(deck, 1, inputs).bytes();
    const auto all = static_cast<std::size_t>(tasks);
    const auto launch = static_cast<std::size_t>(tasks_per_launch(deck));
    if (std::is_same_v<Space, OpenMP> || all * a_task > room) {
      m_on_host = EpisodeBatch<Host, Scalar>(deck, tasks, inputs);
      take(episodes, m_on_host);
    } else {
      EpisodeBatch<OpenMP, Scalar> read(deck, tasks, inputs);
      take(episodes, read);
      m_on_device = EpisodeBatch<Space, Scalar>(deck, tasks, inputs);
      copy(Space(), read, m_on_device);
      Space().fence("theria::tasks::upload");
    }
    if (!std::is_same_v<Space, OpenMP> && m_on_device.tasks() == 0 && launch * a_task <= room) {
      m_ahead = EpisodeBatch<Space, Scalar>(deck, tasks_per_launch(deck), inputs);
      m_uploads = Kokkos::Experimental::partition_space(Space(), 1)[0];
    }
  }
  ~FileSource() override { m_uploads.fence("theria::tasks::upload"); }

  void fill(const Space& space, Split split, std::int64_t first,
            const EpisodeBatch<Space, Scalar>& batch) override {
    const bool training = split == Split::training;
    const bool there = first == m_first_ahead && batch.tasks() <= m_ahead.tasks();
    if (training && there) {
      m_uploads.fence("theria::tasks::upload");
      copy(space, m_ahead.part(0, batch.tasks()), batch);
    } else {
      take_tasks(space, split, first, batch);
    }
    space.fence("theria::tasks::fill");
    if (training && m_ahead.tasks() > 0) {
      m_first_ahead = first + batch.tasks();
      take_tasks(m_uploads, split, m_first_ahead, m_ahead);
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

  template <class Batches>
  void take(const Episodes& episodes, const Batches& to) const {
    const auto take_set = [&](const auto& x, const auto& y, const auto& target, const auto& set) {
      take(x, set.x);
      take(x, set.x_bfloat16);
      take(y, set.y);
      take(target, set.target);
      if (m_inputs == InputType::tfloat32) round_to_tfloat32(OpenMP(), set.x);
    };
    take_set(episodes.x_support, episodes.y_support, episodes.target_support, to.support);
    take_set(episodes.x_query, episodes.y_query, episodes.target_query, to.query);
    OpenMP().fence("theria::tasks::take");
  }
  /// Of what a batch has; rounded to what it stores.
  template <class View>
  static void take(const Tensor& tensor, const View& to) {
    if (to.size() > 0)
      std::visit([&](const auto& values) { take_numbers(values, to); }, tensor.values);
  }
  template <class View>
  static void take(const std::vector<std::int32_t>& labels, const View& to) {
    if (to.size() > 0) take_numbers(labels, to);
  }
  template <class Numbers, class View>
  static void take_numbers(const Numbers& values, const View& to) {
    using Number = typename View::non_const_value_type;
    std::transform(values.begin(), values.end(), to.data(), [](auto x) {
      if constexpr (std::is_same_v<Number, BFloat16>) {
        return BFloat16(static_cast<float>(x));
      } else {
        return static_cast<Number>(x);
      }
    });
  }
  template <class From>
  static void copy(const Space& space, const From& from, const EpisodeBatch<Space, Scalar>& to) {
    copy_set(space, from.support, to.support);
    copy_set(space, from.query, to.query);
  }

  template <class From>
  static void copy_set(const Space& space, const From& from, const Batch<Space, Scalar>& to) {
    if (to.x.size() > 0) Kokkos::deep_copy(space, to.x, from.x);
    if (to.x_bfloat16.size() > 0) Kokkos::deep_copy(space, to.x_bfloat16, from.x_bfloat16);
    if (to.y.size() > 0) Kokkos::deep_copy(space, to.y, from.y);
    if (to.target.size() > 0) Kokkos::deep_copy(space, to.target, from.target);
  }

  using Host = std::conditional_t<std::is_same_v<Space, OpenMP>, OpenMP, PinnedHost>;

  InputType m_inputs;
  EpisodeBatch<Host, Scalar> m_on_host;
  EpisodeBatch<Space, Scalar> m_on_device;
  // A launch of training from m_first_ahead on, once m_uploads is done.
  EpisodeBatch<Space, Scalar> m_ahead;
  std::int64_t m_first_ahead = -1;
  Space m_uploads{};
  int m_training;
};

}  // namespace theria

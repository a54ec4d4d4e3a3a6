// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "src/driver/run.hpp"
#include "src/meta/engine.hpp"
#include "src/models/initial.hpp"

namespace theria {

/// A device array's elements, row by row, on the host.
template <class View>
auto download(const View& view) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  using Scalar = typename View::non_const_value_type;
  return std::vector<Scalar>(host.data(), host.data() + host.size());
}

/// Puts together what `output.record` keeps, launch by launch.
template <class Scalar>
class Recorder {
 public:
  Recorder(const Deck& deck, const ParameterLayout& layout) : m_deck(deck), m_layout(layout) {}

  /// One launch's episodes and adapted parameters (n,P).
  template <class Space>
  void add(const EpisodeBatch<Space, Scalar>& batch, const ViewOn<Scalar**, Space>& adapted) {
    append(m_x_support, download(batch.support.x));
    append(m_x_query, download(batch.query.x));
    append(m_y_support, download(batch.support.y));
    append(m_y_query, download(batch.query.y));
    append(m_adapted, download(adapted));
  }

  MetaGradientRecord finish(const std::vector<Scalar>& initial,
                            const std::vector<Scalar>& meta_gradient) {
    const std::size_t tasks = m_adapted.size() / m_layout.size();
    const auto shape = [&](int sequences) {
      return std::vector<std::size_t>{tasks, std::size_t(sequences),
                                      std::size_t(m_deck.task.tokens),
                                      std::size_t(m_deck.task.features)};
    };
    MetaGradientRecord record;
    record.episodes = {.x_support = {shape(m_deck.task.support), std::move(m_x_support)},
                       .y_support = std::move(m_y_support),
                       .x_query = {shape(m_deck.task.query), std::move(m_x_query)},
                       .y_query = std::move(m_y_query)};
    record.initial = named_parameters(m_layout, initial, false);
    record.adapted = named_parameters(m_layout, m_adapted, true);
    record.meta_gradient = named_parameters(m_layout, meta_gradient, false);
    return record;
  }

 private:
  template <class T>
  static void append(std::vector<T>& all, const std::vector<T>& more) {
    all.insert(all.end(), more.begin(), more.end());
  }

  Deck m_deck;
  ParameterLayout m_layout;
  std::vector<Scalar> m_x_support, m_x_query, m_adapted;
  std::vector<std::int32_t> m_y_support, m_y_query;
};

}  // namespace theria

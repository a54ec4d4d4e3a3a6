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

/// The inputs of a set, which a Scalar holds whatever they are stored in.
template <class Space, class Scalar>
std::vector<Scalar> download_inputs(const Batch<Space, Scalar>& set) {
  if (set.x_bfloat16.size() == 0) return download(set.x);
  const auto narrow = download(set.x_bfloat16);
  return {narrow.begin(), narrow.end()};
}

/// Puts together what `output.record` keeps, launch by launch.
template <class Scalar>
class Recorder {
 public:
  Recorder(const Deck& deck, const ParameterLayout& learned, const ParameterLayout& adapted)
      : m_deck(deck), m_learned(learned), m_layout(adapted) {
    const std::size_t tasks = deck.meta.tasks;
    const std::size_t numbers = std::size_t(deck.task.tokens) * deck.task.features;
    m_x_support.reserve(tasks * deck.task.support * numbers);
    m_x_query.reserve(tasks * deck.task.query * numbers);
    m_y_support.reserve(tasks * deck.task.support);
    m_y_query.reserve(tasks * deck.task.query);
    for (const ParameterBlock& block : adapted.blocks())
      m_adapted.emplace_back().reserve(tasks * block.size());
  }

  /// Bytes of host memory for all tasks of a meta-gradient: their episodes and adapted parameters here, in the file
  /// as HDF5 builds it, and in the image of it that is written.
  static std::size_t bytes(const Deck& deck, std::size_t parameters) {
    const std::size_t sequences = std::size_t(deck.task.support) + deck.task.query;
    const std::size_t numbers = sequences * deck.task.tokens * deck.task.features + parameters;
    return 3 * deck.meta.tasks * (numbers * sizeof(Scalar) + sequences * sizeof(std::int32_t));
  }

  /// One launch's episodes and adapted parameters (n,P).
  template <class Space>
  void add(const EpisodeBatch<Space, Scalar>& batch, const ViewOn<Scalar**, Space>& adapted) {
    append(m_x_support, download_inputs(batch.support));
    append(m_x_query, download_inputs(batch.query));
    append(m_y_support, download(batch.support.y));
    append(m_y_query, download(batch.query.y));
    append(m_target_support, download(batch.support.target));
    append(m_target_query, download(batch.query.target));
    const std::vector<Scalar> flat = download(adapted);
    for (std::size_t n = 0; n < adapted.extent(0); ++n)
      for (std::size_t i = 0; i < m_adapted.size(); ++i) {
        const ParameterBlock& block = m_layout.blocks()[i];
        const auto start =
            flat.begin() + static_cast<std::ptrdiff_t>(n * m_layout.size() + block.offset);
        m_adapted[i].insert(m_adapted[i].end(), start,
                            start + static_cast<std::ptrdiff_t>(block.size()));
      }
  }

  MetaGradientRecord finish(const std::vector<Scalar>& initial,
                            const std::vector<Scalar>& meta_gradient) {
    const std::size_t tasks = m_deck.meta.tasks;
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
    if (is_regression(m_deck.task.kind)) {
      const auto targets = [&](int sequences) {
        return std::vector<std::size_t>{tasks, std::size_t(sequences), 1};
      };
      record.episodes.target_support = {targets(m_deck.task.support), std::move(m_target_support)};
      record.episodes.target_query = {targets(m_deck.task.query), std::move(m_target_query)};
    }
    record.initial = named_parameters(m_learned, initial);
    for (std::size_t i = 0; i < m_adapted.size(); ++i) {
      const ParameterBlock& block = m_layout.blocks()[i];
      std::vector<std::size_t> axes = block.shape;
      axes.insert(axes.begin(), tasks);
      record.adapted.push_back({block.name, {std::move(axes), std::move(m_adapted[i])}});
    }
    record.meta_gradient = named_parameters(m_learned, meta_gradient);
    return record;
  }

 private:
  template <class T>
  static void append(std::vector<T>& all, const std::vector<T>& more) {
    all.insert(all.end(), more.begin(), more.end());
  }

  Deck m_deck;
  ParameterLayout m_learned, m_layout;
  std::vector<Scalar> m_x_support, m_x_query, m_target_support, m_target_query;
  std::vector<std::int32_t> m_y_support, m_y_query;
  std::vector<std::vector<Scalar>> m_adapted;  // a block's numbers, task by task
};

}  // namespace theria

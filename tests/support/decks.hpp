// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "src/deck/deck.hpp"
#include "src/models/layout.hpp"

namespace theria::test {

/// A small run on drawn sequences: 6 tokens of 8 features, 3 classes, width 8 (no embedding), 3
/// inner steps, 5 tasks.
inline Deck small_deck() {
  Deck deck = default_deck(TaskKind::sequence_classification);
  deck.seed = 17;
  deck.precision = Precision::float64;
  deck.backend = Backend::openmp;
  deck.task.tokens = 6;
  deck.task.features = 8;
  deck.task.classes = 3;
  deck.task.support = 7;
  deck.task.query = 5;
  deck.task.signals = 2;
  deck.model.width = 8;
  deck.inner.steps = 3;
  deck.inner.rate = 0.3;
  deck.meta.tasks = 5;
  return deck;
}

/// The same with an embedding: 5 features into width 8.
inline Deck embedded_deck() {
  Deck deck = small_deck();
  deck.task.features = 5;
  return deck;
}

}  // namespace theria::test

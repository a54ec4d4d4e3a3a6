// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

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

/// A transformer on the same: 2 blocks, 2 heads of 4, causal or not.
inline Deck transformer_deck(bool causal, Readout readout) {
  Deck deck = embedded_deck();
  deck.model.kind = ModelKind::transformer;
  deck.model.layers = 2;
  deck.model.heads = 2;
  deck.model.causal = causal;
  deck.model.readout = readout;
  return deck;
}

/// Small regressions: 4 + 3 points of 3 features, or sequences of 5 tokens, to be predicted by this model.
inline Deck regression_deck(TaskKind task, ModelKind model) {
  Deck deck = small_deck();
  deck.task = default_deck(task).task;
  deck.task.support = 4;
  deck.task.query = 3;
  if (task == TaskKind::quadratic) deck.task.features = 3;
  if (task == TaskKind::linear_regression) {
    deck.task.tokens = 5;
    deck.task.features = 4;
  }
  deck.model.kind = model;
  deck.model.width = 6;
  deck.model.layers = 2;
  deck.model.heads = 2;
  deck.inner.rate = 0.05;
  return deck;
}

/// A deck for every model and every layer.
inline std::vector<std::pair<std::string, Deck>> every_model() {
  Deck linear_attention = regression_deck(TaskKind::linear_regression, ModelKind::tiny_attention);
  linear_attention.model.attention = AttentionKind::linear;
  Deck linear_transformer = transformer_deck(false, Readout::mean);
  linear_transformer.model.attention = AttentionKind::linear;
  return {{"tiny_attention", small_deck()},
          {"tiny_attention, embedded", embedded_deck()},
          {"tiny_attention, linear", linear_attention},
          {"transformer", transformer_deck(false, Readout::first)},
          {"transformer, causal", transformer_deck(true, Readout::last)},
          {"transformer, linear", linear_transformer},
          {"transformer, regression",
           regression_deck(TaskKind::linear_regression, ModelKind::transformer)},
          {"mlp", regression_deck(TaskKind::sinusoid, ModelKind::mlp)},
          {"linear", regression_deck(TaskKind::quadratic, ModelKind::linear)}};
}

}  // namespace theria::test

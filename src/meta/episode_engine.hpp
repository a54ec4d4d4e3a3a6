// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "kernels/episode/episode.hpp"
#include "src/meta/engine.hpp"

namespace theria {

/// TinyAttention, small: a team (a thread of the host, some warps of a GPU) adapts one task after the other with
/// everything of the task nearest to it, in one launch for all (docs/theory.md). Kept per team: the factors
/// of each swept step. Inputs may be in bfloat16; arithmetic is in Scalar.
template <class Space, class Scalar>
class EpisodeEngine : public Engine<Space, Scalar> {
 public:
  EpisodeEngine(const Deck& deck, int tasks);

  void adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
             const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& adapted) override;

  Array<Scalar, 2> gradient(const Space& space, const ViewOn<Scalar*, Space>& theta,
                            const EpisodeBatch<Space, Scalar>& batch, int swept,
                            const Array<Scalar, 2>& adapted) override;

  const LaunchScores<Space, Scalar>& scores() const override { return m_scores; }

  static EngineBytes bytes(const Deck& deck, int tasks);

 private:
  void run(const Space& space, const EpisodeBatch<Space, Scalar>& batch,
           const episode::Options& options, const episode::Arguments<Scalar>& args);

  Deck m_deck;
  episode::Shape m_shape;
  int m_teams;
  Workspace<Space> m_workspace;
  ViewOn<Scalar**, Space> m_meta_gradient;  // (n,P)
  LaunchScores<Space, Scalar> m_scores;
};

/// Sizes of the deck's tasks and model as this engine takes them.
episode::Shape episode_shape(const Deck& resolved);

}  // namespace theria

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "src/meta/conjugate_gradients.hpp"
#include "src/meta/engine.hpp"
#include "src/meta/inner_rule.hpp"
#include "src/meta/segments.hpp"
#include "src/models/model.hpp"

namespace theria {

/// Any model that has a loss, gradients and Hessian-vector products, an operator a launch for all tasks, and
/// any inner rule. Kept per task: θ_k of the swept steps and what the rule keeps of them, or, as the deck's `meta.store`
/// says, of one segment of them and where the others start.
template <class Space, class Scalar>
class GeneralEngine : public Engine<Space, Scalar> {
 public:
  GeneralEngine(const Deck& deck, int tasks);

  void adapt(const Space& space, const ViewOn<Scalar*, Space>& theta,
             const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& adapted) override;

  Array<Scalar, 2> gradient(const Space& space, const ViewOn<Scalar*, Space>& theta,
                            const EpisodeBatch<Space, Scalar>& batch, int swept,
                            const Array<Scalar, 2>& adapted) override;

  const LaunchScores<Space, Scalar>& scores() const override { return m_scores; }

  static EngineBytes bytes(const Deck& deck, int tasks);

 private:
  /// One inner step from theta to next, and the scores of theta by the way.
  void step(const Space& space, int k, typename InnerRule<Space, Scalar>::Place place,
            const Array<const Scalar, 2>& theta, const EpisodeBatch<Space, Scalar>& batch,
            const Array<Scalar, 2>& next, const typename Model<Space, Scalar>::Scores& scores);
  /// Goes through the steps start … end − 1 of a segment once more, and keeps what their reverse needs.
  void make_again(const Space& space, int segment, int start, int end,
                  const EpisodeBatch<Space, Scalar>& batch);
  void inner_loop(const Space& space, const ViewOn<Scalar*, Space>& theta,
                  const EpisodeBatch<Space, Scalar>& batch, int swept,
                  const Array<Scalar, 2>& adapted);

  /// λ_K becomes λ_0: one product with a Hessian for each of the last `swept` steps.
  void sweep(const Space& space, const EpisodeBatch<Space, Scalar>& batch, int swept,
             const Array<Scalar, 2>& lambda);
  /// The solution of (I + H/ρ) λ = λ_K, and its certificate.
  Array<Scalar, 2> solve(const Space& space, const EpisodeBatch<Space, Scalar>& batch,
                         const Array<const Scalar, 2>& lambda);
  /// Of the inner objective at theta, overwritten.
  void inner_gradient(const Space& space, const Array<const Scalar, 2>& theta,
                      const EpisodeBatch<Space, Scalar>& batch, const Array<Scalar, 2>& gradient,
                      const typename Model<Space, Scalar>::Scores& scores);

  Array<Scalar, 2> part(const ViewOn<Scalar**, Space>& all, int tasks) const {
    return Kokkos::subview(all, std::pair(0, tasks), Kokkos::ALL);
  }
  /// λ by the parameters, (n,P), and by the learned rates, if there are any.
  Array<Scalar, 2> lambda_of_parameters(int tasks) const {
    return Kokkos::subview(m_lambda, std::pair(0, tasks), std::pair(std::size_t(0), m_size));
  }
  Array<Scalar, 2> lambda_of_rates(int tasks) const {
    if (m_deck.inner.rates != InnerRates::learned) return {};
    return Kokkos::subview(m_lambda, std::pair(0, tasks), std::pair(m_size, 2 * m_size));
  }
  /// The places where θ_k of one segment are kept; the first one is that of all that no sweep needs.
  Array<Scalar, 2> kept_parameters(int place, int tasks) const;
  /// Where the start of a segment is stored, from the second last one on.
  Array<Scalar, 2> stored(int segment, int tasks) const {
    return Kokkos::subview(m_stored, segment - 1, std::pair(0, tasks), Kokkos::ALL);
  }

  Deck m_deck;
  std::size_t m_size;  // P
  Model<Space, Scalar> m_model;
  Segments m_segments;
  InnerRule<Space, Scalar> m_rule;
  ViewOn<Scalar***, Space> m_trajectory;  // (place,n,P): θ_k of one segment
  ViewOn<Scalar***, Space> m_stored;      // (segment − 1,n,P): where segments start
  ViewOn<Scalar**, Space> m_step;         // (n,P): a gradient, then H λ_g
  ViewOn<Scalar**, Space> m_lambda;       // (n,P) or (n,2P): λ, by the rates, too
  ViewOn<Scalar**, Space> m_direction;    // (n,P): λ_g
  ViewOn<Scalar**, Space> m_pull;  // (n,P): −ρ Σ λ_g, what θ_0 pulls; with ρ and a sweep
  std::optional<ConjugateGradients<Space, Scalar>> m_cg;  // implicit
  std::vector<double> m_first_slope;                      // ‖g(θ_0)‖² of each task, implicit
  Array<const Scalar, 2> m_initial, m_adapted;
  LaunchScores<Space, Scalar> m_scores;
};

}  // namespace theria

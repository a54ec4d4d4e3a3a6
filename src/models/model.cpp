// SPDX-License-Identifier: Apache-2.0
#include "src/models/model.hpp"

#include <algorithm>

#include "kernels/cross_entropy/forward.hpp"
#include "kernels/cross_entropy/hvp.hpp"
#include "kernels/cross_entropy/vjp.hpp"
#include "kernels/squared_error/forward.hpp"
#include "kernels/squared_error/hvp.hpp"
#include "kernels/squared_error/vjp.hpp"
#include "src/models/architecture.hpp"

namespace theria {
namespace {

/// Without their names and shapes, which parameter_layout() tells.
template <class Space, class Scalar>
Sequence<Space, Scalar> layers_of(const Deck& deck) {
  ParameterLayout layout;
  return make_layers<Space, Scalar>(deck, layout);
}

int most_sequences(const Deck& deck) { return std::max(deck.task.support, deck.task.query); }

}  // namespace

template <class Space, class Scalar>
Model<Space, Scalar>::Model(const Deck& deck, int tasks)
    : m_deck(deck), m_layers(layers_of<Space, Scalar>(deck)) {
  const Extents in = input_extents(deck, most_sequences(deck));
  const std::size_t outputs = whole_words(m_layers.out(in).numbers());
  m_memory = Memory<Space, Scalar>(tasks * (m_layers.kept(in) + 4 * outputs));
  m_layers.allocate(m_memory, tasks, in);
  for (auto* kept : {&m_value, &m_dot, &m_d, &m_d_dot}) *kept = m_memory.take(tasks, outputs);
  m_scratch.allocate(tasks * m_layers.scratch(in));
}

template <class Space, class Scalar>
std::size_t Model<Space, Scalar>::buffer_bytes(const Deck& deck, int tasks) {
  const auto layers = layers_of<Space, Scalar>(deck);
  const Extents in = input_extents(deck, most_sequences(deck));
  return tasks * sizeof(Scalar) *
             (layers.kept(in) + layers.scratch(in) + 4 * whole_words(layers.out(in).numbers())) +
         operator_workspace_bytes<Scalar>(deck, tasks, most_sequences(deck));
}

template <class Space, class Scalar>
auto Model<Space, Scalar>::passing(const Parameters<Scalar>& theta,
                                   const Batch<Space, Scalar>& batch,
                                   const Kept<Scalar>& kept) const -> In {
  const auto tasks = static_cast<std::int64_t>(batch.x.extent(0));
  const auto sequences = static_cast<std::int64_t>(batch.x.extent(1));
  const Extents in = input_extents(m_deck, static_cast<int>(sequences));
  return {.theta = theta,
          .x = dense_array(static_cast<const Scalar*>(batch.x.data()), tasks, in.rows, in.columns),
          .y = kept.rows(tasks, sequences, std::int64_t{outputs(m_deck)})};
}

template <class Space, class Scalar>
void Model<Space, Scalar>::score(const Space& space, const Batch<Space, Scalar>& batch,
                                 const In& value, const Scores& scores) const {
  if (!scores.loss) return;
  if (!is_regression(m_deck.task.kind)) {
    cross_entropy::forward(space, cross_entropy::ForwardArguments<Scalar>{
                                      value.y, batch.y, scores.loss, scores.accuracy});
    return;
  }
  squared_error::forward(
      space, squared_error::ForwardArguments<Scalar>{value.y, batch.target, scores.loss});
}

template <class Space, class Scalar>
void Model<Space, Scalar>::loss(const Space& space, const Parameters<Scalar>& theta,
                                const Batch<Space, Scalar>& batch, const Scores& scores) {
  const In value = passing(theta, batch, m_value);
  m_layers.forward({space, m_scratch, m_workspace}, value);
  score(space, batch, value, scores);
}

template <class Space, class Scalar>
void Model<Space, Scalar>::gradient(const Space& space, const Parameters<Scalar>& theta,
                                    const Batch<Space, Scalar>& batch,
                                    const Array<Scalar, 2>& d_theta, const Scores& scores) {
  const Work<Space, Scalar> at{space, m_scratch, m_workspace};
  const In value = passing(theta, batch, m_value);
  const Array<Scalar, 3> d_y = passing(theta, batch, m_d).y;
  m_layers.forward(at, value);
  score(space, batch, value, scores);
  if (is_regression(m_deck.task.kind)) {
    squared_error::vjp(space, squared_error::VjpArguments<Scalar>{value.y, batch.target, d_y});
  } else {
    cross_entropy::vjp(space, cross_entropy::VjpArguments<Scalar>{value.y, batch.y, d_y});
  }
  m_layers.vjp(at, value, Out{.y = d_y, .theta = d_theta});
}

template <class Space, class Scalar>
void Model<Space, Scalar>::hvp(const Space& space, const Parameters<Scalar>& theta,
                               const Parameters<Scalar>& theta_dot,
                               const Batch<Space, Scalar>& batch,
                               const Array<Scalar, 2>& d_theta_dot) {
  const Work<Space, Scalar> at{space, m_scratch, m_workspace};
  const In value = passing(theta, batch, m_value);
  const In dot{.theta = theta_dot, .y = passing(theta, batch, m_dot).y};
  const Array<Scalar, 3> d_y = passing(theta, batch, m_d).y;
  const Array<Scalar, 3> d_y_dot = passing(theta, batch, m_d_dot).y;
  m_layers.jvp(at, value, dot);
  if (is_regression(m_deck.task.kind)) {
    squared_error::hvp(
        space, squared_error::HvpArguments<Scalar>{value.y, batch.target, dot.y, d_y, d_y_dot});
  } else {
    cross_entropy::hvp(space,
                       cross_entropy::HvpArguments<Scalar>{value.y, batch.y, dot.y, d_y, d_y_dot});
  }
  m_layers.hvp(at, value, dot, Out{.y = d_y}, Out{.y = d_y_dot, .theta = d_theta_dot});
}

#define THERIA_INSTANTIATE(SPACE)     \
  template class Model<SPACE, float>; \
  template class Model<SPACE, double>;
THERIA_FOR_EACH_SPACE(THERIA_INSTANTIATE)

}  // namespace theria

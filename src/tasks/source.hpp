// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "src/deck/deck.hpp"
#include "src/models/batch.hpp"
#include "src/tasks/input_type.hpp"

namespace theria {

/// Tasks for meta-training, and tasks held out for evaluation: no episode is in both.
enum class Split : std::uint64_t { training = 0, held_out = 1 };

/// The two sets of every task of a launch.
template <class Space, class Scalar>
struct EpisodeBatch {
  Batch<Space, Scalar> support, query;

  EpisodeBatch() = default;
  EpisodeBatch(const Deck& deck, int tasks, InputType inputs = InputType::full);
  int tasks() const { return support.tasks(); }
  std::size_t bytes() const { return support.bytes() + query.bytes(); }
  /// The tasks [from, to).
  EpisodeBatch part(int from, int to) const {
    EpisodeBatch cut;
    cut.support = support.part(from, to);
    cut.query = query.part(from, to);
    return cut;
  }
};

/// Where episodes come from. Episode `task` of a split is a pure function of the deck: the same on
/// every backend, in every batch and order.
template <class Space, class Scalar>
class EpisodeSource {
 public:
  virtual ~EpisodeSource() = default;

  /// Overwrites `batch` with the tasks first, first + 1, …
  virtual void fill(const Space& space, Split split, std::int64_t first,
                    const EpisodeBatch<Space, Scalar>& batch) = 0;
};

/// meta.batch, or all tasks where there are no more.
int tasks_per_launch(const Deck& deck);

/// The source that the deck names, for batches that are made for the same `inputs`. Of a file's episodes a GPU keeps all
/// that take no more bytes than `room`. Else they stay on the host and are uploaded batch by batch: of training the next one
/// while the GPU works, where there is `room` for it. Throws UserError when a file is not as it should be.
template <class Space, class Scalar>
std::unique_ptr<EpisodeSource<Space, Scalar>> make_source(const Deck& resolved,
                                                          std::size_t room = 0,
                                                          InputType inputs = InputType::full);

}  // namespace theria

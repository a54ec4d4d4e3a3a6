// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/core/tensor.hpp"
#include "src/deck/places.hpp"
#include "src/meta/certificate.hpp"
#include "src/meta/choice.hpp"

namespace theria {

/// One outer step, averaged over its tasks.
struct TrainingRow {
  double query_loss;          // after adaptation
  double query_accuracy;      // after adaptation; NaN where there are no classes
  double support_loss;        // before adaptation
  double meta_gradient_norm;  // of the mean over tasks
  double seconds;
  std::vector<std::int64_t> excluded{};  // tasks that diverged
};

/// A task that diverged and was left out.
struct ExcludedTask {
  std::int32_t outer_step;  // outer steps done before
  std::int64_t task;        // of all that were drawn for training, from 0
};

/// One evaluation on the held-out tasks; the vectors run over these tasks. NaN where a task diverged and was left out.
struct EvaluationRow {
  int outer_step;  // outer steps done before it
  std::vector<double> query_loss_before, query_loss_after;
  std::vector<double> query_accuracy_before, query_accuracy_after;  // empty without classes

  /// The tasks that diverged, by number.
  std::vector<std::int64_t> left_out() const;
};

/// What `output.record` keeps of the last outer step: enough to recompute its meta-gradient elsewhere.
struct MetaGradientRecord {
  Episodes episodes;
  std::vector<NamedTensor> initial;        // where the meta-gradient was taken
  std::vector<NamedTensor> adapted;        // theta_K, task axis first
  std::vector<NamedTensor> meta_gradient;  // mean over tasks
  std::vector<double> query_loss, query_accuracy,
      support_loss;  // (task); no accuracy without classes
};

/// Bytes: what the plan says, and what was taken; on the device 0 where that is the host.
struct RunMemory {
  std::size_t planned_device, planned_host;
  std::size_t device;     // of the GPU, at the end of the outer loop with all that it holds
  std::size_t host_peak;  // the most that the process had resident
};

/// Everything a run computed. `deck` is the one that ran: backend and shapes resolved.
struct RunOutcome {
  Deck deck;
  std::string device;
  int threads;
  std::vector<TrainingRow> training;
  std::vector<EvaluationRow> evaluation;
  std::vector<ExcludedTask> excluded{};
  std::vector<NamedTensor> final_parameters;
  std::optional<MetaGradientRecord> record;
  std::optional<Certificate>
      certificate;  // of the last outer step's tasks, where the mode is implicit
  RunMemory memory{};
};

/// Told while a run goes on; both may be empty.
struct RunListener {
  std::function<void(int step, int steps, const TrainingRow&)> after_step;
  std::function<void(const EvaluationRow&)> after_evaluation;
};

/// The plan of a run: what it will do, and take of the device's memory. Needs no Runtime and no device.
struct RunPlan {
  EngineChoice engine;
  std::size_t parameters;  // numbers a task adapts
  int tasks_per_launch;

  // Bytes on the device of the backend: data of one launch; what is kept of the inner steps for the sweep;
  // activations, their tangents and cotangents; parameters, meta-gradient, its sum, optimiser, and θ_K of
  // a recorded launch.
  std::size_t episode_bytes, sweep_bytes, workspace_bytes, outer_bytes;
  // Besides, where there is room, on a GPU: all episodes of a file, or else those of the next launch.
  std::size_t resident_bytes, ahead_bytes;
  // Bytes on the host: all tasks of a recorded meta-gradient, and its file; a file of episodes, as read and
  // as used.
  std::size_t record_bytes, file_bytes;

  std::size_t device_bytes() const {
    return episode_bytes + sweep_bytes + workspace_bytes + outer_bytes;
  }
  /// What of a file's episodes stays on a GPU that has `room` for them.
  std::size_t kept_bytes(std::size_t room) const {
    return resident_bytes <= room ? resident_bytes : ahead_bytes <= room ? ahead_bytes : 0;
  }
  std::size_t host_bytes() const { return record_bytes + file_bytes; }
};

/// Bytes of the backend's memory that a plan leaves for a file's episodes. Needs a Runtime.
std::size_t room_for_episodes(const RunPlan& plan, Backend resolved);

/// Episodes and stored parameters come from `deck.task.file` and `deck.model.initial`; the returned
/// deck has every shape that such a file decides. Throws DeckError with all that is wrong with these
/// files, and between them and the deck, each at the place of the value that it concerns.
Deck resolve_files(const Deck& deck, const DeckPlaces& places = {});

RunPlan plan(const Deck& resolved);

/// What to say of a plan that is larger than the memory of its backend; empty where it fits, and
/// where the backend is not here.
std::string memory_shortage(const Deck& resolved);

/// Runs the deck (backend already resolved) on an initialised Runtime. Throws UserError for a plan
/// larger than the memory, before any of it is allocated; RunError when a task diverges.
RunOutcome run(const Deck& resolved, const RunListener& listener);

}  // namespace theria

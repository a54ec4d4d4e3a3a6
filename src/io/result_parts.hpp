// SPDX-License-Identifier: Apache-2.0
// The groups of a result file, one function a group.
#pragma once

#include <string>
#include <vector>

#include "src/io/hdf5/writer.hpp"
#include "src/io/result.hpp"

namespace theria {

/// The loss by its name: of classes, or of predictions.
std::string loss_words(bool classes);

/// Attributes of the root: software, machine, times.
void write_provenance(hdf5::Writer& file, const ResultFile& result);
/// /deck
void write_deck(hdf5::Writer& file, const ResultFile& result);
/// /training; nothing where no outer step was asked for.
void write_training(hdf5::Writer& file, const RunOutcome& outcome);
/// /evaluation; nothing where nothing was evaluated.
void write_evaluation(hdf5::Writer& file, const std::vector<EvaluationRow>& rows);

/// A tensor for each name in `group`, with the scales `<name>_out` and `<name>_in`; `tasks` > 0
/// says that a task axis comes first. `meaning` follows the name in each long_name.
struct TensorGroup {
  std::string group;
  std::string meaning;
  std::size_t tasks = 0;
};
void write_tensors(hdf5::Writer& file, const TensorGroup& what,
                   const std::vector<NamedTensor>& tensors);

/// /excluded; nothing where no task diverged.
void write_excluded(hdf5::Writer& file, const std::vector<ExcludedTask>& excluded);

/// /certificate
void write_certificate(hdf5::Writer& file, const Certificate& certificate);

/// /episodes, /parameters/initial, /parameters/adapted, /meta_gradient and /losses.
void write_record(hdf5::Writer& file, const MetaGradientRecord& record);

}  // namespace theria
